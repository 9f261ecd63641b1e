import type { Schema } from "@/lib/api";
import type { ErrorBody } from "@/lib/errors";

/** Which stream a page is about. */
export interface StreamName {
  rid: string;
  branch: string;
}

export type StreamDescription = Schema<"StreamDescription">;
export type Statistics = Schema<"StatisticsReply">;
export type Window = Schema<"WindowName">;
export type SubscriberState = Schema<"SubscriberOverview">;
export type DeadLetter = Schema<"DeadLetter">;
export type LetterResult = Schema<"LetterResult">;

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

/** The last that the live call says. */
export interface LiveEnd {
  cause: string;
  /** Whether to connect again may succeed. */
  retryable: boolean;
  error: ErrorBody | null;
}
