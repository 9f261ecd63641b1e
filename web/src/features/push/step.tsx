import { type ReactNode, useId } from "react";
import { Card } from "@/components/card";
import styles from "./push-data.module.css";

interface StepProps {
  number: number;
  title: string;
  children: ReactNode;
}

/** One of the numbered steps. */
export function Step({ number, title, children }: StepProps) {
  const id = useId();
  return (
    <Card isPadded>
      <section aria-labelledby={id} className={styles.step}>
        <span aria-hidden="true" className={styles.number}>
          {number}
        </span>
        <div className={styles.stepBody}>
          <h2 className={styles.stepTitle} id={id}>
            {title}
          </h2>
          {children}
        </div>
      </section>
    </Card>
  );
}
