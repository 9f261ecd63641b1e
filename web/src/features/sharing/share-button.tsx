import { Button } from "@blueprintjs/core";
import { ShareIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { mayEdit } from "@/lib/roles";
import { SharePanel } from "./share-panel";

interface ShareButtonProps {
  resourceRid: string;
  /** The role of who looks on. */
  roleId: string | null | undefined;
  /** What is searched for at first, such as the client id of an application. */
  suggestion?: string | undefined;
}

/** The button "Share", with the panel that it opens; nothing for who may not share. */
export function ShareButton({ resourceRid, roleId, suggestion }: ShareButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  if (!mayEdit(roleId)) return null;
  return (
    <>
      <Button icon={<ShareIcon />} onClick={() => setIsOpen(true)} text="Share" />
      <SharePanel
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        resourceRid={resourceRid}
        roleId={roleId}
        suggestion={suggestion}
      />
    </>
  );
}
