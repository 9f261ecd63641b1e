import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Breadcrumbs } from "./breadcrumbs";

interface TrailProps {
  /** The folders on the way, from the project down. */
  folders: readonly { rid: string; displayName: string }[];
  /** What follows below the folders. */
  children?: ReactNode;
}

/** The way through projects and folders, each a link. */
export function Trail({ folders, children }: TrailProps) {
  return (
    <Breadcrumbs>
      {[
        <Link key="projects" to="/projects">
          Projects
        </Link>,
        ...folders.map((folder) => (
          <Link key={folder.rid} params={{ rid: folder.rid }} to="/projects/$rid">
            {folder.displayName}
          </Link>
        )),
        ...(children === undefined ? [] : [children]),
      ]}
    </Breadcrumbs>
  );
}
