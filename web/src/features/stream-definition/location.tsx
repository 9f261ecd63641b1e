import { HTMLSelect } from "@blueprintjs/core";
import { FolderCloseIcon } from "@blueprintjs/icons";
import { Field } from "@/components/field";
import { Problem } from "@/components/problem";
import { Trail } from "@/components/trail";
import { useLocated } from "@/lib/resources";
import styles from "./new-stream.module.css";
import { useProjectChoices } from "./use-new-stream";

interface LocationProps {
  folderRid: string | undefined;
  /** The way to this page has said it. */
  isGiven: boolean;
  onChange: (rid: string | undefined) => void;
}

/** Where the stream is to lie: said by the way here, or chosen among the projects. */
export function Location({ folderRid, isGiven, onChange }: LocationProps) {
  const located = useLocated(folderRid);
  const projects = useProjectChoices(!isGiven);
  if (isGiven) {
    const names = located.data && [...located.data.ancestors, located.data.resource];
    return (
      <div>
        <div className={styles.label}>Location</div>
        <div className={styles.location}>
          <FolderCloseIcon aria-hidden="true" />
          <span>{names?.map((folder) => folder.displayName).join(" / ") ?? "…"}</span>
        </div>
        <Problem error={located.error} />
      </div>
    );
  }
  return (
    <Field help="A project holds streams and says who may use them." label="Location">
      {({ intent: _, ...input }) => (
        <>
          <HTMLSelect
            {...input}
            data-place="folder"
            fill
            onChange={(event) => onChange(event.target.value || undefined)}
            value={folderRid ?? ""}
          >
            <option value="">Choose a project</option>
            {projects.data?.map((project) => (
              <option key={project.rid} value={project.rid}>
                {project.displayName}
              </option>
            ))}
          </HTMLSelect>
          <Problem error={projects.error} />
        </>
      )}
    </Field>
  );
}

/** The way to the folder that the stream is to lie in. */
export function Way({ folderRid }: { folderRid: string | undefined }) {
  const located = useLocated(folderRid);
  const folders = located.data ? [...located.data.ancestors, located.data.resource] : [];
  return <Trail folders={folders} />;
}
