import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const FOLDER = "ri.compass.main.folder.1";
const STREAM = "ri.foundry.main.dataset.1";
const CREATE = "/api/v2/streams/datasets/create";
const INFER = "/api/v1/schemas/infer";

function serverWithFolder() {
  return new FakeServer().signedIn().on("GET", `/api/v2/filesystem/resources/${FOLDER}`, {
    rid: FOLDER,
    displayName: "Main",
    projectRid: FOLDER,
    parentFolderRid: "ri.compass.main.folder.0",
    type: "COMPASS_FOLDER",
  });
}

function withCreation(server: FakeServer) {
  const definition = {
    branchName: "master",
    schema: { fields: [] },
    viewRid: "ri.foundry-streaming.main.view.1",
    partitionsCount: 1,
    streamType: "LOW_LATENCY",
    compressed: false,
  };
  return server
    .on("POST", CREATE, { rid: STREAM, name: "sensors", parentFolderRid: FOLDER })
    .on("GET", `/api/v2/streams/datasets/${STREAM}/streams/master`, definition)
    .on("GET", `/api/v2/filesystem/resources/${STREAM}`, {
      rid: STREAM,
      displayName: "sensors",
      projectRid: FOLDER,
      parentFolderRid: FOLDER,
      type: "FOUNDRY_DATASET",
    });
}

const createButton = () => screen.getByRole("button", { name: "Create stream" });

test("a stream is defined by keyboard alone", async () => {
  const server = withCreation(serverWithFolder());
  const { user, router } = await renderAt(`/new-stream?folder=${FOLDER}`, server);

  expect(screen.getByRole("textbox", { name: "Stream name" })).toHaveFocus();
  await user.keyboard("sensors");
  screen.getByRole("button", { name: "Add field" }).focus();
  await user.keyboard("{Enter}");
  await user.keyboard("sensor_id{Enter}created_at{Enter}temperature{Alt>}{ArrowUp}{/Alt}");
  const types = screen.getAllByRole("combobox", { name: "Field type" });
  await user.selectOptions(types[1] as HTMLElement, "Double");
  await user.selectOptions(types[2] as HTMLElement, "Timestamp");
  await user.click(screen.getAllByRole("checkbox", { name: "Nullable" })[0] as HTMLElement);
  await user.click(screen.getAllByRole("checkbox", { name: "Key" })[0] as HTMLElement);
  await user.click(createButton());

  await screen.findByRole("heading", { name: "Connect" });
  expect(router.state.location.pathname).toBe(`/streams/${STREAM}/connect`);
  const field = (name: string, type: string, nullable = true) => ({
    name,
    schema: { nullable, dataType: { type } },
  });
  expect(server.calls("POST", CREATE)).toEqual([
    {
      name: "sensors",
      parentFolderRid: FOLDER,
      branchName: "master",
      schema: {
        fields: [
          field("sensor_id", "string", false),
          field("temperature", "double"),
          field("created_at", "timestamp"),
        ],
        keyFieldNames: ["sensor_id"],
      },
      partitionsCount: 1,
      streamType: "LOW_LATENCY",
      compressed: false,
    },
  ]);
});

test("what is wrong is listed at the bottom, and keeps the stream from being created", async () => {
  const { user } = await renderAt(`/new-stream?folder=${FOLDER}`, serverWithFolder());

  const problems = () => within(screen.getByRole("list", { name: "Problems", hidden: true }));
  expect(createButton()).toBeDisabled();
  expect(problems().getByText("Give the stream a name.")).toBeInTheDocument();

  await user.type(screen.getByRole("textbox", { name: "Stream name" }), "sensors");
  await user.click(screen.getByRole("button", { name: "Add field" }));
  await user.tab();
  expect(screen.getByRole("textbox", { name: "Field name" })).toBeInvalid();
  expect(screen.getByRole("textbox", { name: "Field name" })).toHaveAccessibleDescription(
    "Give the field a name.",
  );
  await user.click(problems().getByRole("button", { name: /Field 1/, hidden: true }));
  await user.keyboard("a");

  expect(createButton()).toBeEnabled();
});

test("a struct, an array and a decimal are described to the last detail", async () => {
  const server = withCreation(serverWithFolder());
  const { user } = await renderAt(`/new-stream?folder=${FOLDER}`, server);
  await user.keyboard("sensors");

  await user.click(screen.getByRole("button", { name: "Add field" }));
  await user.keyboard("place");
  await user.selectOptions(screen.getByRole("combobox", { name: "Field type" }), "Struct");
  const inside = within(screen.getByRole("list", { name: "Fields of place" }));
  await user.type(inside.getByRole("textbox", { name: "Field name" }), "prices");
  await user.selectOptions(inside.getByRole("combobox", { name: "Field type" }), "Array");
  await user.selectOptions(inside.getByRole("combobox", { name: "Item type" }), "Decimal");
  await user.clear(inside.getByRole("textbox", { name: "Precision" }));
  await user.type(inside.getByRole("textbox", { name: "Precision" }), "10");
  expect(createButton()).toBeDisabled();
  await user.clear(inside.getByRole("textbox", { name: "Scale" }));
  await user.type(inside.getByRole("textbox", { name: "Scale" }), "2");
  await user.click(screen.getByRole("button", { name: "Describe prices" }));
  await user.keyboard("in euros");
  await user.click(createButton());

  await screen.findByRole("heading", { name: "Connect" });
  const items = { nullable: true, dataType: { type: "decimal", precision: 10, scale: 2 } };
  const prices = {
    nullable: true,
    dataType: { type: "array", itemsSchema: items },
    customMetadata: { description: "in euros" },
  };
  expect(server.calls("POST", CREATE)).toMatchObject([
    {
      schema: {
        fields: [
          {
            name: "place",
            schema: {
              nullable: true,
              dataType: { type: "struct", subFields: [{ name: "prices", schema: prices }] },
            },
          },
        ],
      },
    },
  ]);
});

test("the throughput is written out", async () => {
  await renderAt(`/new-stream?folder=${FOLDER}`, serverWithFolder());

  const slider = screen.getByRole("slider", { name: "Throughput" });
  expect(slider).toHaveAttribute("aria-valuetext", "Normal: 1 partition, up to 5 MB/s");
});

test("change data capture asks for key, ordering and deletion", async () => {
  const server = withCreation(serverWithFolder());
  const { user } = await renderAt(`/new-stream?folder=${FOLDER}`, server);
  await user.keyboard("rows");
  await user.click(screen.getByRole("button", { name: "Add field" }));
  await user.keyboard("id{Enter}gone{Enter}at");
  const types = screen.getAllByRole("combobox", { name: "Field type" });
  await user.selectOptions(types[1] as HTMLElement, "Boolean");
  await user.selectOptions(types[2] as HTMLElement, "Timestamp");

  await user.click(screen.getByRole("switch", { name: "Records carry the changes of a table" }));
  expect(createButton()).toBeDisabled();
  await user.click(screen.getAllByRole("checkbox", { name: "Key" })[0] as HTMLElement);
  await user.selectOptions(screen.getByRole("combobox", { name: "Ordering field" }), "at");
  await user.selectOptions(screen.getByRole("combobox", { name: "Deletion field" }), "gone");
  await user.click(createButton());

  await screen.findByRole("heading", { name: "Connect" });
  expect(server.calls("POST", CREATE)).toMatchObject([
    {
      schema: {
        keyFieldNames: ["id"],
        changeDataCapture: {
          type: "fullRow",
          orderingFieldName: "at",
          deletionFieldName: "gone",
        },
      },
    },
  ]);
});

test("a schema is guessed from a sample, with reasons and warnings", async () => {
  const server = serverWithFolder();
  server.on("POST", INFER, {
    schema: {
      fields: [{ name: "amount", schema: { nullable: true, dataType: { type: "double" } } }],
    },
    guesses: [{ path: "amount", type: "double", why: "whole numbers", warning: "choose long" }],
    recordCount: 1,
  });
  const { user } = await renderAt(`/new-stream?folder=${FOLDER}`, server);

  await user.click(screen.getByRole("button", { name: "Generate from JSON sample..." }));
  expect(screen.getByRole("button", { name: "Use this schema" })).toBeDisabled();
  await user.click(await screen.findByRole("textbox", { name: "JSON sample" }));
  await user.paste('{"amount": 12345678901234567890}');
  await user.click(screen.getByRole("button", { name: "Generate" }));
  expect(await screen.findByText("choose long")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Use this schema" }));

  expect(screen.getByRole("textbox", { name: "Field name" })).toHaveValue("amount");
  expect(screen.getByRole("combobox", { name: "Field type" })).toHaveDisplayValue("Double");
});

test("a name that is taken is said beside the name", async () => {
  const server = serverWithFolder();
  const taken = refusal(409, "ResourceNameAlreadyExists", "the name is taken");
  server.on("POST", CREATE, taken);
  const { user } = await renderAt(`/new-stream?folder=${FOLDER}`, server);
  await user.keyboard("sensors");
  await user.click(screen.getByRole("button", { name: "Add field" }));
  await user.keyboard("a");

  await user.click(createButton());

  expect(await screen.findByRole("alert")).toHaveTextContent("The name is taken.");
  expect(screen.getByRole("textbox", { name: "Stream name" })).toHaveAccessibleDescription(
    "The name is taken.",
  );
});

test("without a folder the project is chosen on the page", async () => {
  const server = serverWithFolder()
    .on("GET", "/api/v2/filesystem/spaces", { data: [{ rid: "ri.space", displayName: "Main" }] })
    .on("GET", "/api/v2/filesystem/folders/ri.space/children", {
      data: [{ rid: FOLDER, displayName: "Sensors" }],
    });
  const { user } = await renderAt("/new-stream", server);

  await screen.findByRole("option", { name: "Sensors" });
  await user.selectOptions(screen.getByRole("combobox", { name: "Location" }), "Sensors");

  expect(screen.queryByText(/Choose the project/)).not.toBeInTheDocument();
});
