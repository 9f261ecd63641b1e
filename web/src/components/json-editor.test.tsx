import { render, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { JsonEditor, type JsonProblem } from "./json-editor";

function Host({ problems = [] }: { problems?: readonly JsonProblem[] }) {
  const [value, setValue] = useState('{"a": 1}');
  return (
    <>
      <JsonEditor label="JSON records" onChange={setValue} problems={problems} value={value} />
      <button onClick={() => setValue("[]")} type="button">
        Clear
      </button>
    </>
  );
}

test("the editor is a text box of that name with the text in it", async () => {
  render(<Host />);

  expect(await screen.findByRole("textbox", { name: "JSON records" })).toHaveTextContent(
    '{"a": 1}',
  );
});

test("a text that is set from outside takes the old one's place", async () => {
  render(<Host />);
  const box = await screen.findByRole("textbox", { name: "JSON records" });

  screen.getByRole("button", { name: "Clear" }).click();

  await expect.poll(() => box.textContent).toBe("[]");
});

test("problems are marked in the text, also one that reaches beyond its end", async () => {
  render(<Host problems={[{ from: 1, to: 400, message: "unknown field" }]} />);
  const box = await screen.findByRole("textbox", { name: "JSON records" });

  expect(box.querySelector(".cm-lintRange-error")).not.toBeNull();
});
