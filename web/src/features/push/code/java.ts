import {
  type Generator,
  indented,
  pushUrl,
  recordsJson,
  SCOPE,
  tokenUrl,
  wrapped,
} from "./program";

/** For Java 17 and later: one file that `java Push.java` runs, with nothing but the JDK. */
export const java: Generator = (target, credentials) => ({
  token: `${HEAD}
${
  "token" in credentials
    ? `    static String accessToken() {
        return ${literal(credentials.token)};
    }
`
    : `    static String accessToken() throws Exception {
        String form = "grant_type=client_credentials"
            + "&client_id=" + encoded(${literal(credentials.clientId)})
            + "&client_secret=" + encoded(${literal(credentials.clientSecret)})
            + "&scope=" + encoded(${literal(SCOPE)});
        String reply = send(HttpRequest.newBuilder(URI.create(${literal(tokenUrl(target))}))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build());
        Matcher token = Pattern.compile("\\"access_token\\"\\\\s*:\\\\s*\\"([^\\"]+)\\"").matcher(reply);
        if (!token.find()) throw new IOException("no token in the reply");
        return token.group(1);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
`
}`,
  push: `    public static void main(String[] arguments) throws Exception {
        String records = ${textBlock(recordsJson(wrapped(target)), " ".repeat(12))};
        send(HttpRequest.newBuilder(URI.create(${literal(pushUrl(target))}))
            .header("Authorization", "Bearer " + accessToken())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(records))
            .build());
        System.out.println("Records pushed: ${target.records.length}");
    }
}
`,
});

const HEAD = `import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Push {
    static final HttpClient CLIENT =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static String send(HttpRequest request) throws Exception {
        HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(response.statusCode() + " " + response.body());
        }
        return response.body();
    }
`;

function literal(text: string): string {
  return ascii(JSON.stringify(text));
}

/** JSON as a text block. */
function textBlock(json: string, indent: string): string {
  const escaped = ascii(json).replaceAll("\\", "\\\\").replaceAll('"""', '\\"""');
  return `"""\n${indent}${indented(escaped, indent)}"""`;
}

/** Java 17 reads a source file in the system's encoding: only ASCII means the same in all. */
function ascii(json: string): string {
  return json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
