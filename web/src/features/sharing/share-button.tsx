import { Button } from "@blueprintjs/core";
import { ShareIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { SharePanel } from "./share-panel";

interface ShareButtonProps {
  resourceRid: string;
  /** What is searched for at first, such as the client id of an application. */
  suggestion?: string | undefined;
}

/** The button "Share", with the panel that it opens. */
export function ShareButton({ resourceRid, suggestion }: ShareButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button icon={<ShareIcon />} onClick={() => setIsOpen(true)} text="Share" />
      <SharePanel
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        resourceRid={resourceRid}
        suggestion={suggestion}
      />
    </>
  );
}
