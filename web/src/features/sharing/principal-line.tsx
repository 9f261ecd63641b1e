import { CubeIcon, GlobeIcon, PeopleIcon, PersonIcon } from "@blueprintjs/icons";
import type { ReactNode } from "react";
import type { Principal } from "./principals";
import styles from "./share-panel.module.css";

const KINDS = {
  user: { icon: <PersonIcon title="User" />, word: "" },
  group: { icon: <PeopleIcon title="Group" />, word: "group" },
  application: { icon: <CubeIcon title="Application" />, word: "application" },
  everyone: { icon: <GlobeIcon title="Everyone" />, word: "" },
} as const;

interface PrincipalLineProps {
  principal: Principal;
  id?: string;
  /** What else is to be said of it here. */
  children?: ReactNode;
}

/** Who somebody is: name, kind, and what tells it from others. */
export function PrincipalLine({ principal, id, children }: PrincipalLineProps) {
  const { icon, word } = KINDS[principal.kind];
  const detail = [word, principal.detail].filter(Boolean).join(" · ");
  return (
    <div className={styles.principal}>
      <span className={styles.icon}>{icon}</span>
      <span className={styles.words}>
        <span className={styles.name} id={id}>
          {principal.name}
        </span>
        {detail !== "" && <span className={styles.detail}>{detail}</span>}
        {children}
      </span>
    </div>
  );
}
