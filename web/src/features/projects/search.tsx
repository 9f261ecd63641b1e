import { InputGroup } from "@blueprintjs/core";
import { SearchIcon } from "@blueprintjs/icons";
import { type ReactNode, useState } from "react";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Table } from "@/components/table";
import { useSettled } from "@/lib/settled";
import { ResourceLink } from "./resource-link";
import styles from "./resource-table.module.css";
import { type Resource, useSearch } from "./use-folder";
import { useKinds } from "./use-kinds";

interface SearchableProps {
  /** Where to search; everywhere when it is not given. */
  folderRid?: string;
  placeholder: string;
  /** What stands there while nothing is searched for. */
  children: ReactNode;
}

/** A table with a search box above it; what is found takes the table's place. */
export function Searchable({ folderRid, placeholder, children }: SearchableProps) {
  const [text, setText] = useState("");
  const wanted = text.trim();
  const asked = useSettled(wanted);
  return (
    <Card>
      <div className={styles.tools}>
        <InputGroup
          aria-label="Search"
          className={styles.search}
          leftIcon={<SearchIcon />}
          onValueChange={setText}
          placeholder={placeholder}
          type="search"
          value={text}
        />
      </div>
      {wanted === "" ? children : <Results folderRid={folderRid} text={asked} />}
    </Card>
  );
}

function Results({ text, folderRid }: { text: string; folderRid: string | undefined }) {
  const found = useSearch(text, folderRid);
  const kindOf = useKinds(found.data?.data ?? []);
  if (found.isPending) return <Loading what="what is found" />;
  if (found.isError) return <Failed error={found.error} retry={found.refetch} />;
  const { data, isComplete } = found.data;
  if (data.length === 0) {
    return (
      <Empty icon={<SearchIcon size={20} />} title={`No name contains “${text}”`}>
        Projects, folders, streams and datasets are found by any part of their name.
      </Empty>
    );
  }
  return (
    <>
      <Table className={styles.content} head={["Name", "Type", "In"]} label="Found">
        {data.map((resource) => (
          <tr key={resource.rid}>
            <td>
              <ResourceLink kind={kindOf(resource)} resource={resource} />
            </td>
            <td className={styles.kind}>{kindOf(resource)}</td>
            <td className={styles.place}>{placeOf(resource)}</td>
          </tr>
        ))}
      </Table>
      <div className={styles.count} role="status">
        {isComplete
          ? `${data.length} found`
          : `The first ${data.length}; type more of the name to find others`}
      </div>
    </>
  );
}

/** Where a resource lies, in the names that people know. */
export function placeOf(resource: Resource): string {
  return resource.path.split("/").slice(1, -1).join(" / ");
}
