import * as z from "zod/mini";
import { isPeerId, isStreamId, type PeerId, type StreamId } from "#protocol";
import {
  alertRulesSchema,
  alertsSchema,
  controlPeerSchema,
  controlStreamSchema,
  experimentSchema,
  meshPictureSchema,
  peerOrderSchema,
  recordingSchema,
  recordingStateSchema,
  streamPointSchema,
} from "#protocol/control";
import { RECORDING_TABLES, recordingCsv } from "./recording-csv.ts";
import type { Watch } from "./watch.ts";

/** What a request brought, each part as its schema has it. */
type Asked = { params: Record<string, string>; query: Record<string, unknown>; body: unknown };

/** One operation of the API: what OpenAPI says of it, and what it does. */
export type ControlRoute = {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** As Fastify writes it, below `/api/control`. */
  path: string;
  id: string;
  summary: string;
  query?: Record<string, z.ZodMiniType>;
  body?: z.ZodMiniType;
  /** Of the JSON answer; undefined is CSV. */
  answer?: z.ZodMiniType;
  /** @returns Undefined for what is not there. @throws {RangeError} For what cannot be. */
  act(asked: Asked): unknown;
};

const recordingQuery = {
  table: z.optional(z.enum(RECORDING_TABLES)),
};

/** Everything the dashboard and `livemesh ctl` do. */
export function controlRoutes(watch: Watch): ControlRoute[] {
  return [
    {
      method: "GET",
      path: "/streams",
      id: "listStreams",
      summary: "All streams, how they fare, and what is being done with them.",
      answer: z.array(controlStreamSchema),
      act: () => watch.streams(),
    },
    {
      method: "GET",
      path: "/streams/:id",
      id: "getStream",
      summary: "One stream.",
      answer: controlStreamSchema,
      act: (asked) => watch.stream(streamOf(asked)),
    },
    {
      method: "GET",
      path: "/streams/:id/history",
      id: "getHistory",
      summary: "How a stream did in the last hour: a point every 5 s, oldest first.",
      query: { sinceMs: z.optional(z.string().check(z.regex(/^\d{1,15}$/))) },
      answer: z.array(streamPointSchema),
      act: (asked) => watch.history(streamOf(asked), Number(asked.query.sinceMs ?? 0)),
    },
    {
      method: "GET",
      path: "/streams/:id/mesh",
      id: "getMesh",
      summary:
        "Who pushes what to whom. Peers are asked from the first such request on, until 15 s after the last.",
      answer: meshPictureSchema,
      act: (asked) => watch.picture(streamOf(asked)),
    },
    {
      method: "GET",
      path: "/streams/:id/peers/:peer",
      id: "getPeer",
      summary: "One peer: its figures, its neighbors, its last two minutes. Never its address.",
      answer: controlPeerSchema,
      act: (asked) => watch.peer(streamOf(asked), peerOf(asked)),
    },
    {
      method: "PUT",
      path: "/streams/:id/experiment",
      id: "setExperiment",
      summary:
        "Change options of the mesh for all peers, and the length of chunks. An empty one ends the experiment.",
      body: experimentSchema,
      answer: controlStreamSchema,
      act: (asked) =>
        watch.experiment(streamOf(asked), asked.body as z.infer<typeof experimentSchema>),
    },
    {
      method: "POST",
      path: "/streams/:id/orders",
      id: "orderPeers",
      summary:
        "Throttle chosen peers, or take them out of the mesh, for some time. An order that names nothing lifts the last.",
      body: peerOrderSchema,
      answer: controlStreamSchema,
      act: (asked) => watch.order(streamOf(asked), asked.body as z.infer<typeof peerOrderSchema>),
    },
    {
      method: "PUT",
      path: "/streams/:id/recording",
      id: "startRecording",
      summary: "Record all figures from now on, in place of the last recording.",
      body: z.object({}),
      answer: recordingStateSchema,
      act: (asked) => watch.startRecording(streamOf(asked)),
    },
    {
      method: "DELETE",
      path: "/streams/:id/recording",
      id: "stopRecording",
      summary: "Stop recording. What was recorded stays until the next start.",
      answer: recordingStateSchema,
      act: (asked) => watch.stopRecording(streamOf(asked)),
    },
    {
      method: "GET",
      path: "/streams/:id/recording",
      id: "exportRecording",
      summary: "The recording so far.",
      answer: recordingSchema,
      act: (asked) => watch.recording(streamOf(asked)),
    },
    {
      method: "GET",
      path: "/streams/:id/recording.csv",
      id: "exportRecordingCsv",
      summary: "One table of the recording as CSV: the stream (default), its peers, or events.",
      query: recordingQuery,
      act: (asked) => {
        const recording = watch.recording(streamOf(asked));
        const { table = "stream" } = asked.query as { table?: (typeof RECORDING_TABLES)[number] };
        return recording && recordingCsv(recording, table);
      },
    },
    {
      method: "GET",
      path: "/alerts",
      id: "getAlerts",
      summary: "What is watched for, and what fires.",
      answer: alertsSchema,
      act: () => ({ rules: watch.rules, firing: watch.alerts() }),
    },
    {
      method: "PUT",
      path: "/alerts",
      id: "setAlertRules",
      summary: "Watch for this from now on.",
      body: alertRulesSchema,
      answer: alertsSchema,
      act: ({ body }) => {
        watch.setRules(body as z.infer<typeof alertRulesSchema>);
        return { rules: watch.rules, firing: watch.alerts() };
      },
    },
  ];
}

/** An id that is none finds nothing. */
function streamOf({ params: { id = "" } }: Asked): StreamId {
  return isStreamId(id) ? id : ("" as StreamId);
}

function peerOf({ params: { peer = "" } }: Asked): PeerId {
  return isPeerId(peer) ? peer : ("" as PeerId);
}
