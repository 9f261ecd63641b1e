import type { Api } from "@/lib/api";
import { ApiError, isNamed } from "@/lib/errors";
import { readEvents, type ServerEvent } from "./event-stream";
import { parseExactly } from "./exact-json";
import { type LiveRow, mergeRows, rowsOf } from "./live-rows";
import type { LiveEnd, LiveRecords, LiveStart, StreamName } from "./wire";

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 5_000;
/** The table changes at most so often: faster than anybody reads, slow enough for slow machines. */
const SHOW_EVERY_MS = 100;

/** How the feed stands now. */
export interface FeedState {
  connection: "idle" | "connecting" | "live" | "reconnecting" | "ended";
  /** Why it ended. */
  error: Error | undefined;
  /** The newest first. */
  rows: readonly LiveRow[];
  /** Records that the server left out since the feed began. */
  skipped: number;
  /** Records per second that the server sends at most. */
  rateMax: number | undefined;
  /** How often the stream was reset since the feed began. */
  resets: number;
}

interface FeedTarget extends StreamName {
  partition: number | undefined;
}

/** Follows a stream's new records, through lost connections and resets. */
export class LiveFeed {
  readonly #api: Api;
  readonly #target: FeedTarget;
  readonly #listeners = new Set<() => void>();
  #state: FeedState = {
    connection: "idle",
    error: undefined,
    rows: [],
    skipped: 0,
    rateMax: undefined,
    resets: 0,
  };
  #shown: FeedState = this.#state;
  /** Rows that are shown with the next change. */
  #pending: LiveRow[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #run: AbortController | undefined;
  #lastEventId: string | undefined;

  constructor(api: Api, target: FeedTarget) {
    this.#api = api;
    this.#target = target;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): FeedState => this.#shown;

  /** Connect, and go on where it was stopped before. */
  start(): void {
    const run = new AbortController();
    this.#run = run;
    void this.#follow(run.signal);
  }

  /** Disconnect; what came stays. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#change({ connection: "idle" });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let wait = RETRY_FIRST_MS;
    this.#change({ connection: "connecting", error: undefined });
    while (!signal.aborted) {
      const isConnected = await this.#connect(signal).catch((error: unknown) => {
        if (signal.aborted) return false;
        if (isNamed(error, "InvalidLastEventId")) this.#beginAnew();
        else if (isFinal(error)) this.#end(error);
        return false;
      });
      if (signal.aborted || this.#state.connection === "ended") return;
      this.#change({ connection: "reconnecting" });
      wait = isConnected ? RETRY_FIRST_MS : Math.min(wait * 1.5, RETRY_MAX_MS);
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  /** Follow one connection to its end; gives whether there was one. */
  async #connect(signal: AbortSignal): Promise<boolean> {
    const headers = new Headers({ Accept: "text/event-stream" });
    if (this.#lastEventId !== undefined) headers.set("Last-Event-ID", this.#lastEventId);
    const response = await this.#api.fetch(this.#url(), { headers, signal, cache: "no-store" });
    if (!response.ok || response.body === null) throw await ApiError.of(response);
    try {
      for await (const event of readEvents(response.body)) {
        if (signal.aborted) break;
        this.#take(event);
      }
    } catch {
      // A connection that breaks in the middle is one that ended.
    }
    return true;
  }

  #take({ type, data, id }: ServerEvent): void {
    if (id !== undefined) this.#lastEventId = id;
    const value = parseExactly(data);
    if (type === "start") {
      const { recordsPerSecondMax } = value as LiveStart;
      this.#change({ connection: "live", rateMax: recordsPerSecondMax });
    } else if (type === "records") {
      const batch = value as LiveRecords;
      this.#pending.push(...rowsOf(batch));
      this.#change({ skipped: this.#state.skipped + Number(batch.skipped) });
    } else if (type === "reset") {
      this.#empty();
      this.#change({ resets: this.#state.resets + 1 });
    } else if (type === "end") {
      const { retryable, error } = value as LiveEnd;
      // The connection closes now, and is opened again.
      if (!retryable && error !== null) this.#end(new ApiError(410, error));
    }
  }

  /** The server does not know the id: it was set back to an older state. */
  #beginAnew(): void {
    this.#lastEventId = undefined;
    this.#empty();
  }

  #empty(): void {
    this.#pending = [];
    this.#change({ rows: [], skipped: 0 });
  }

  #end(error: Error): void {
    if (error instanceof ApiError && (error.status === 401 || error.code === "UNAUTHORIZED")) {
      this.#api.connection.onSignedOut();
    }
    this.#change({ connection: "ended", error });
    this.#run?.abort();
  }

  #change(part: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...part };
    this.#timer ??= setTimeout(this.#show, SHOW_EVERY_MS);
  }

  readonly #show = (): void => {
    this.#timer = undefined;
    this.#state = { ...this.#state, rows: mergeRows(this.#state.rows, this.#pending) };
    this.#pending = [];
    this.#shown = this.#state;
    for (const listener of this.#listeners) listener();
  };

  #url(): string {
    const { rid, branch, partition } = this.#target;
    const stream = `${encodeURIComponent(rid)}/${encodeURIComponent(branch)}`;
    const query = partition === undefined ? "" : `?partition=${partition}`;
    return `${window.location.origin}/api/v1/streams/${stream}/live${query}`;
  }
}

/** A refusal is final; a server that is away, restarting or full is asked again. */
function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status < 500 && error.status !== 429;
}
