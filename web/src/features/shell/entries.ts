import { linkOptions } from "@tanstack/react-router";
import type { SessionUser } from "@/lib/session";

const EVERYONES = [linkOptions({ to: "/projects", label: "Projects" })];

/** The entries of the navigation for *user*. */
export function entriesFor(_user: SessionUser) {
  return EVERYONES;
}
