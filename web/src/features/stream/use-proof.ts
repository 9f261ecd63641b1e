import { useEffect, useRef, useState } from "react";
import { type Api, answer, useApi } from "@/lib/api";
import { isNamed } from "@/lib/errors";
import { useUser } from "@/lib/session";
import { emptyProof, keepProof, type Proof, readProof, type VerifiedPart, withPart } from "./proof";
import { at } from "./use-stream";
import type { StreamName } from "./wire";

/** A server verifies one part at a time; so often is it asked whether it is this stream's turn. */
const ASKED_MAX = 60;
const ASK_AGAIN_MS = 1_000;

/** What becomes of a verification at this page. */
export interface Verification {
  /** The last one that came to its end. */
  proof: Proof | undefined;
  /** The one that is under way, as far as it is. */
  running: Proof | undefined;
  /** Whether the server verifies something else meanwhile. */
  isWaiting: boolean;
  error: unknown;
  begin: () => void;
  stop: () => void;
}

/** Verify the table of a stream part by part; it stops when the page is left. */
export function useProof(stream: StreamName, viewRid: string): Verification {
  const api = useApi();
  const { id } = useUser();
  const [proof, setProof] = useState(() => readProof(id, viewRid));
  const [running, setRunning] = useState<Proof>();
  const [isWaiting, setIsWaiting] = useState(false);
  const [error, setError] = useState<unknown>();
  const current = useRef<AbortController>(undefined);

  const stop = () => {
    current.current?.abort();
    current.current = undefined;
    setRunning(undefined);
    setIsWaiting(false);
  };
  useEffect(() => () => current.current?.abort(), []);

  const begin = () => {
    stop();
    const controller = new AbortController();
    const { signal } = controller;
    current.current = controller;
    setError(undefined);
    setRunning(emptyProof(viewRid));
    const run = async () => {
      let found = emptyProof(viewRid);
      let token: string | undefined;
      do {
        const part = await verifyPart(api, stream, token, signal, setIsWaiting);
        signal.throwIfAborted();
        found = withPart(found, part, Date.now());
        token = part.nextPageToken ?? undefined;
        setRunning(found);
      } while (token !== undefined);
      keepProof(id, found);
      setProof(found);
    };
    run()
      .catch((failure: unknown) => {
        if (!signal.aborted) setError(failure);
      })
      .finally(() => {
        if (!signal.aborted) stop();
      });
  };
  return { proof, running, isWaiting, error, begin, stop };
}

async function verifyPart(
  api: Api,
  stream: StreamName,
  pageToken: string | undefined,
  signal: AbortSignal,
  onWaiting: (isWaiting: boolean) => void,
): Promise<VerifiedPart> {
  for (let asked = 1; ; asked += 1) {
    try {
      const part = await answer(
        api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/verify", {
          params: { path: at(stream) },
          body: pageToken === undefined ? {} : { pageToken },
          signal,
        }),
      );
      onWaiting(false);
      return part;
    } catch (error) {
      if (asked === ASKED_MAX || !isNamed(error, "Default:Overloaded")) throw error;
      onWaiting(true);
      await pause(ASK_AGAIN_MS, signal);
    }
  }
}

/** Wait so long, or until *signal* aborts, which throws. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
