import { mount } from "svelte";
import { watchUrl } from "../stream.ts";
import App from "./App.svelte";

mount(App, { target: document.getElementById("app"), props: { src: await watchUrl() } });
