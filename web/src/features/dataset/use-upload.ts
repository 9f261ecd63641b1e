import { useEffect, useRef, useState } from "react";
import { type Api, answer, useApi } from "@/lib/api";
import { ApiError, UnreachableError } from "@/lib/errors";
import { type DatasetBranch, useRefreshDataset } from "./use-dataset";

/** How an upload is. */
export type Upload =
  | { state: "none" }
  | { state: "running"; name: string; sentBytes: number; totalBytes: number }
  | { state: "done"; count: number }
  | { state: "failed"; error: unknown };

/** Uploads files, all of which are seen at once or none. */
export function useUpload(target: DatasetBranch) {
  const api = useApi();
  const refresh = useRefreshDataset(target.rid);
  const [upload, setUpload] = useState<Upload>({ state: "none" });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const begin = async (files: readonly File[], folder: string) => {
    const controller = new AbortController();
    running.current = controller;
    const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
    try {
      await inTransaction(api, target, async (transactionRid) => {
        let before = 0;
        for (const file of files) {
          const path = folder === "" ? file.name : `${folder.replace(/\/+$/, "")}/${file.name}`;
          const show = (sent: number) =>
            setUpload({ state: "running", name: path, sentBytes: before + sent, totalBytes });
          show(0);
          await send(api, uploadPath(target, path, transactionRid), file, show, controller.signal);
          before += file.size;
        }
      });
      setUpload({ state: "done", count: files.length });
    } catch (error) {
      setUpload(controller.signal.aborted ? { state: "none" } : { state: "failed", error });
    }
    await refresh();
  };
  return {
    upload,
    begin,
    cancel: () => running.current?.abort(),
    reset: () => setUpload({ state: "none" }),
  };
}

async function inTransaction(
  api: Api,
  { rid, branch }: DatasetBranch,
  work: (transactionRid: string) => Promise<void>,
): Promise<void> {
  const made = await answer(
    api.POST("/api/v2/datasets/{dataset_rid}/transactions", {
      params: { path: { dataset_rid: rid }, query: { branchName: branch } },
      body: { transactionType: "UPDATE" },
    }),
  );
  const params = { path: { dataset_rid: rid, transaction_rid: made.rid } };
  try {
    await work(made.rid);
  } catch (error) {
    await api.POST("/api/v2/datasets/{dataset_rid}/transactions/{transaction_rid}/abort", {
      params,
    });
    throw error;
  }
  await answer(
    api.POST("/api/v2/datasets/{dataset_rid}/transactions/{transaction_rid}/commit", { params }),
  );
}

function uploadPath({ rid }: DatasetBranch, path: string, transactionRid: string): string {
  const query = new URLSearchParams({ transactionRid });
  return `/api/v2/datasets/${rid}/files/${encodeURIComponent(path)}/upload?${query}`;
}

/** Send a file; `fetch` does not tell how much of it was sent. */
function send(
  api: Api,
  path: string,
  file: File,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRF-Token", api.connection.csrfToken ?? "");
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = async () => {
      if (request.status < 300) return done();
      fail(await ApiError.of(new Response(request.responseText, { status: request.status })));
    };
    request.onerror = () => fail(new UnreachableError(undefined));
    request.onabort = () => fail(new DOMException("The upload was canceled.", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", abort);
    if (signal.aborted) return fail(new DOMException("The upload was canceled.", "AbortError"));
    request.send(file);
  });
}
