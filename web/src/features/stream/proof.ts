import type { Schema } from "@/lib/api";

export type VerifiedPart = Schema<"Verified">;
export type PartitionProof = Schema<"PartitionVerified">;
export type ProofProblem = Schema<"Problem">;

/** So many problems are kept one by one; the others are counted. */
export const PROBLEMS_MAX = 20;
/** So many streams' results are kept for each user, the newest first. */
export const PROOFS_MAX = 20;

/** What the parts of a verification found together, as far as it came. */
export interface Proof {
  viewRid: string;
  /** In ms since 1970: when its newest part was answered. */
  timeMs: number;
  partitions: readonly PartitionProof[];
  problems: readonly ProofProblem[];
  problemsCount: number;
  /** The partitions that have any. */
  differing: readonly string[];
  /** How many records are to be verified and compared in all. */
  totalRecords: number;
}

/** Begin one that has found nothing yet. */
export function emptyProof(viewRid: string): Proof {
  return {
    viewRid,
    timeMs: 0,
    partitions: [],
    problems: [],
    problemsCount: 0,
    differing: [],
    totalRecords: 0,
  };
}

/** Add what one part found. */
export function withPart(proof: Proof, part: VerifiedPart, timeMs: number): Proof {
  const before = new Map(proof.partitions.map((one) => [one.partitionId, one]));
  const problems = part.problems ?? [];
  return {
    viewRid: proof.viewRid,
    timeMs,
    partitions: part.partitions.map((now) => {
      const known = before.get(now.partitionId);
      return {
        ...now,
        verifiedRecords: (known?.verifiedRecords ?? 0) + now.verifiedRecords,
        comparedRecords: (known?.comparedRecords ?? 0) + now.comparedRecords,
        unprovenRecords: (known?.unprovenRecords ?? 0) + now.unprovenRecords,
      };
    }),
    problems: [...proof.problems, ...problems].slice(0, PROBLEMS_MAX),
    problemsCount: proof.problemsCount + problems.length,
    differing: [
      ...new Set([...proof.differing, ...problems.map(({ partitionId }) => partitionId)]),
    ],
    totalRecords: part.totalRecords,
  };
}

type Count = Exclude<keyof PartitionProof, "partitionId">;

/** Add up one of the counts over all partitions. */
export function sumOf(proof: Proof, count: Count): number {
  return proof.partitions.reduce((sum, one) => sum + one[count], 0);
}

/** How many records were looked at, of `totalRecords`. */
export function doneOf(proof: Proof): number {
  return (
    sumOf(proof, "verifiedRecords") +
    sumOf(proof, "comparedRecords") +
    sumOf(proof, "unprovenRecords")
  );
}

/** The last result of a view that this user has had in this browser. */
export function readProof(userId: string, viewRid: string): Proof | undefined {
  return readAll(userId).find((one) => one.viewRid === viewRid);
}

/** Keep a result in place of the one before of its view. */
export function keepProof(userId: string, proof: Proof): void {
  const others = readAll(userId).filter(({ viewRid }) => viewRid !== proof.viewRid);
  try {
    window.localStorage.setItem(
      keyOf(userId),
      JSON.stringify([proof, ...others].slice(0, PROOFS_MAX)),
    );
  } catch {
    // Storage is full or switched off: the result lasts until the page is left.
  }
}

function readAll(userId: string): readonly Proof[] {
  try {
    const found: unknown = JSON.parse(window.localStorage.getItem(keyOf(userId)) ?? "[]");
    return Array.isArray(found) ? found.filter(isProof) : [];
  } catch {
    // Storage is switched off, or has something else under that name: none are known.
    return [];
  }
}

function isProof(found: unknown): found is Proof {
  if (typeof found !== "object" || found === null) return false;
  const { viewRid, timeMs, partitions, problems, differing } = found as Partial<Proof>;
  return (
    typeof viewRid === "string" &&
    typeof timeMs === "number" &&
    Array.isArray(partitions) &&
    Array.isArray(problems) &&
    Array.isArray(differing)
  );
}

function keyOf(userId: string): string {
  return `sluiceway.proofs.${userId}`;
}
