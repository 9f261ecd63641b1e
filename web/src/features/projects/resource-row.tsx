import { Time } from "@/components/time";
import { ResourceLink } from "./resource-link";
import { ResourceMenu } from "./resource-menu";
import styles from "./resource-table.module.css";
import { kindOf } from "./use-changes";
import type { Resource } from "./use-folder";

/** One line of a folder's content. */
export function ResourceRow({ resource }: { resource: Resource }) {
  return (
    <tr>
      <td>
        <ResourceLink resource={resource} />
      </td>
      <td className={styles.kind}>{kindOf(resource)}</td>
      <td className={styles.when}>
        <Time value={resource.updatedTime} />
      </td>
      <td>
        <ResourceMenu resource={resource} size="small" variant="minimal" />
      </td>
    </tr>
  );
}
