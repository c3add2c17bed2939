import { createApp } from "vue";
import { watchUrl } from "../stream.ts";
import App from "./App.vue";

createApp(App, { src: await watchUrl() }).mount("#app");
