import type { Schema } from "@/lib/api";

/** Which stream a page is about. */
export interface StreamName {
  rid: string;
  branch: string;
}

/** All that the page's head and details say of a stream. */
export interface StreamDescription {
  datasetRid: string;
  name: string;
  /** From the space down: "/Main/Factory/Furnace". */
  path: string;
  parentFolderRid: string;
  projectRid: string;
  description?: string | null;
  branchName: string;
  branches: string[];
  viewRid: string;
  schema: Schema<"StreamSchema">;
  partitionsCount: number;
  streamType: Schema<"StreamType">;
  compressed: boolean;
  createdBy: string;
  createdByName?: string | null;
  createdTime: string;
  viewCreatedTime: string;
  role: "owner" | "editor" | "viewer";
  trashStatus: "NOT_TRASHED" | "DIRECTLY_TRASHED" | "ANCESTOR_TRASHED";
}

export type Window = "5m" | "1h" | "24h";

/** What was counted of a stream, in buckets of equal length. */
export interface Statistics {
  window: Window;
  bucketSeconds: number;
  start: string;
  countedSince?: string | null;
  series: {
    records: number[];
    bytes: number[];
    requests: number[];
    rejected: Record<string, number[]>;
    latencyP50Ms: (number | null)[];
    latencyP99Ms: (number | null)[];
  };
  partitions: { partition: number; records: number; endOffset: number }[];
}

/** A subscriber and how far it is behind. */
export interface SubscriberState {
  subscriberId: string;
  viewRid: string;
  positions: Record<string, number>;
  lag: Record<string, number>;
  lagTotal: number;
  createdTime: string;
}

/** Something that somebody did with the stream. */
export interface ActivityEvent {
  eventId: string;
  time: string;
  actorId?: string | null;
  actorName: string;
  action: string;
  text: string;
  origin?: string | null;
}

/** One page of a list. */
export interface PageOf<T> {
  data: T[];
  nextPageToken?: string | null;
}

/** What the live call says first, and again after a reset. */
export interface LiveStart {
  viewRid: string;
  partitionsCount: number;
  recordsPerSecondMax: number;
}

/** New records of one partition. */
export interface LiveRecords {
  partition: number;
  /** Records that were left out just before these. */
  skipped: number;
  records: { offset: number; time: string; value: unknown }[];
}

/** The path of a call about a stream; its parameters are those of `streamPathOf`. */
export function callPath(name: "live" | "statistics" | "subscribers" | "activity" | "description") {
  return `/api/v1/streams/{dataset_rid}/{branch}/${name}`;
}

/** The path parameters of a stream. */
export function streamPathOf({ rid, branch }: StreamName) {
  return { dataset_rid: rid, branch };
}
