import { InputGroup, Radio, RadioGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import styles from "./applications.module.css";
import { type ApplicationBody, type RegisteredApplication, useRegister } from "./use-applications";

type ClientType = ApplicationBody["clientType"];

interface RegisterDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onRegistered: (application: RegisteredApplication) => void;
}

/** Registers an application. */
export function RegisterDialog({ isOpen, onClose, onRegistered }: RegisterDialogProps) {
  const [name, setName] = useState("");
  const [type, setType] = useState<ClientType>("CONFIDENTIAL");
  const [redirectUri, setRedirectUri] = useState("");
  const register = useRegister();

  const close = () => {
    setName("");
    setType("CONFIDENTIAL");
    setRedirectUri("");
    register.reset();
    onClose();
  };
  const done = (application: RegisteredApplication) => {
    close();
    onRegistered(application);
  };
  return (
    <FormDialog
      error={register.error}
      isOpen={isOpen}
      isPending={register.isPending}
      isReady={name.trim() !== ""}
      onClose={close}
      onSubmit={() => register.mutate(bodyOf(name, type, redirectUri), { onSuccess: done })}
      submitLabel="Create"
      title="Register new application"
    >
      <Field help="People see it when they share with the application." label="Name">
        {(input) => <InputGroup {...input} autoFocus onValueChange={setName} value={name} />}
      </Field>
      <TypeChoice onChange={setType} type={type} />
      {type === "PUBLIC" && (
        <Field
          help="Where people come back to after they agreed; https, or http on this machine."
          isOptional
          label="Redirect URL"
        >
          {(input) => (
            <InputGroup
              {...input}
              onValueChange={setRedirectUri}
              placeholder="https://app.example.com/callback"
              value={redirectUri}
            />
          )}
        </Field>
      )}
    </FormDialog>
  );
}

function TypeChoice(props: { type: ClientType; onChange: (type: ClientType) => void }) {
  return (
    <RadioGroup
      className={styles.types}
      label="Client type"
      onChange={(event) => props.onChange(event.currentTarget.value as ClientType)}
      selectedValue={props.type}
    >
      <Radio aria-describedby="type-server" label="Server application" value="CONFIDENTIAL" />
      <p className={styles.explanation} id="type-server">
        A program on a machine of yours that can keep a secret, such as one that pushes records.
      </p>
      <Radio
        aria-describedby="type-native"
        label="Native or single-page application"
        value="PUBLIC"
      />
      <p className={styles.explanation} id="type-native">
        A program in people’s hands or browsers. It has no secret and acts for who signs in (PKCE).
      </p>
    </RadioGroup>
  );
}

function bodyOf(name: string, clientType: ClientType, redirectUri: string): ApplicationBody {
  const uri = clientType === "PUBLIC" ? redirectUri.trim() : "";
  return {
    clientType,
    displayName: name.trim(),
    grantTypes: uri === "" ? [] : ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
    redirectUris: uri === "" ? [] : [uri],
  };
}
