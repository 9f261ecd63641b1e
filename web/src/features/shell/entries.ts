import { linkOptions } from "@tanstack/react-router";
import type { SessionUser } from "@/lib/session";

/** One line for each place that the navigation leads to. */
const ENTRIES = [
  { link: linkOptions({ to: "/projects" }), label: "Projects", forAdmins: false },
  { link: linkOptions({ to: "/sql" }), label: "SQL", forAdmins: false },
  { link: linkOptions({ to: "/settings/applications" }), label: "Applications", forAdmins: true },
  { link: linkOptions({ to: "/settings/tokens" }), label: "Tokens", forAdmins: false },
  { link: linkOptions({ to: "/settings/users" }), label: "Users", forAdmins: true },
];

/** The entries of the navigation for *user*. */
export function entriesFor(user: SessionUser) {
  return ENTRIES.filter((entry) => user.isAdmin || !entry.forAdmins);
}
