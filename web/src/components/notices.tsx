import { OverlayToaster, type ToastProps } from "@blueprintjs/core";
import { createContext, type ReactNode, useContext, useMemo, useRef } from "react";

type Notify = (notice: ToastProps) => void;

const NoticeContext = createContext<Notify>(() => {});

/** Shows short notices over the page; below it `useNotify` works. */
export function Notices({ children }: { children: ReactNode }) {
  const toaster = useRef<OverlayToaster>(null);
  const notify = useMemo<Notify>(() => (notice) => toaster.current?.show(notice), []);
  return (
    <NoticeContext value={notify}>
      {children}
      <OverlayToaster position="bottom" ref={toaster} />
    </NoticeContext>
  );
}

/** Say briefly that something was done: `notify({ message: "Saved", intent: "success" })`. */
export function useNotify(): Notify {
  return useContext(NoticeContext);
}
