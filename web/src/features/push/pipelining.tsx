import { Button, Dialog, DialogBody, DialogFooter } from "@blueprintjs/core";
import { FlowsIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { ButtonLink } from "@/components/button-link";
import { focusInside } from "@/lib/focus";
import styles from "./push-data.module.css";

/** What comes after records arrive; says what there is today. */
export function Pipelining({ rid }: { rid: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div className={styles.pipelining}>
      <Button
        icon={<FlowsIcon />}
        onClick={() => setIsOpen(true)}
        size="large"
        text="Start pipelining"
      />
      <Dialog
        onOpened={focusInside}
        className={styles.dialog}
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        title="Pipelines"
      >
        <DialogBody>
          <p>
            Pipelines that transform records inside of the server do not exist yet. Today, a program
            of yours reads the stream in one of these ways:
          </p>
          <ul>
            <li>
              A <strong>subscriber</strong>: the server keeps its place, so that it reads each
              record in order and goes on where it stopped.
            </li>
            <li>
              <strong>By offset</strong>, with <code>getRecords</code>: the program keeps its place
              itself.
            </li>
            <li>
              <strong>Live</strong>, on the stream’s page, for people.
            </li>
          </ul>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button onClick={() => setIsOpen(false)} text="Close" />
              <ButtonLink
                intent="primary"
                params={{ rid }}
                search={{ tab: "subscribers" }}
                text="View subscribers"
                to="/streams/$rid"
              />
            </>
          }
        />
      </Dialog>
    </div>
  );
}
