import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import { GithubConnection } from "../../constructs/github-connection";
import { ConfigurationError } from "../../constructs/validation";

const app = { org: "acme", appId: "123", privateKeyParameter: "/acme/github-app-key" };

describe("GithubConnection.app", () => {
  it("registers with JIT configurations at the organization, on github.com", () => {
    const github = GithubConnection.app(app);

    expect(github).toMatchObject({
      level: "organization",
      registration: "jit",
      credentialParameter: "/acme/github-app-key",
      credential: { kind: "app", appId: "123", privateKeyParameter: "/acme/github-app-key" },
      mistakes: [],
    });
    expect(github.settings).toEqual({
      apiUrl: "https://api.github.com",
      webUrl: "https://github.com",
      owner: "acme",
    });
  });

  it("takes registration tokens and the id of the installation where they are asked for", () => {
    const github = GithubConnection.app({ ...app, installationId: "77", registration: "token" });

    expect(github.registration).toBe("token");
    expect(github.credential).toMatchObject({ installationId: "77" });
  });

  it("has further Apps share the load, each with a key of its own", () => {
    const furtherApps = [
      { appId: "456", privateKeyParameter: "/acme/key-456", installationId: "9" },
      { appId: "789", privateKeyParameter: "/acme/key-789" },
    ];

    const github = GithubConnection.app({ ...app, furtherApps });

    expect(github.furtherApps).toEqual(furtherApps);
    expect(github.credentialParameters).toEqual(["/acme/github-app-key", "/acme/key-456", "/acme/key-789"]);
    expect(github.mistakes).toEqual([]);
  });

  it("takes owner and name apart for one repository", () => {
    const github = GithubConnection.app({ ...app, org: undefined, repository: "acme/widget" });

    expect(github.level).toBe("repository");
    expect(github.settings).toMatchObject({ owner: "acme", repository: "widget" });
    expect(github.mistakes).toEqual([]);
  });

  it.each([
    [undefined, "https://github.com", "https://api.github.com", "https://api.github.com/"],
    ["https://github.com", "https://github.com", "https://api.github.com", "https://api.github.com/"],
    ["https://GitHub.com:443", "https://github.com", "https://api.github.com", "https://api.github.com/"],
    ["https://acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/"],
    ["https://Acme.GHE.com", "https://acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/"],
    [
      "https://ghe.example.com",
      "https://ghe.example.com",
      "https://ghe.example.com/api/v3",
      "https://ghe.example.com/",
    ],
    [
      "https://GHE.example.com:8443",
      "https://ghe.example.com:8443",
      "https://ghe.example.com:8443/api/v3",
      "https://ghe.example.com:8443/",
    ],
    [
      "http://127.0.0.1:4010",
      "http://127.0.0.1:4010",
      "http://127.0.0.1:4010/api/v3",
      "http://127.0.0.1:4010/",
    ],
  ])("finds the addresses of %s", (baseUrl, webUrl, apiUrl, providerBaseUrl) => {
    const github = GithubConnection.app({ ...app, baseUrl });

    expect(github.settings).toMatchObject({ apiUrl, webUrl });
    expect(github.providerBaseUrl).toBe(providerBaseUrl);
    expect(github.mistakes).toEqual([]);
  });
});

describe("GithubConnection.token", () => {
  it("always registers with registration tokens", () => {
    const github = GithubConnection.token({ org: "acme", tokenParameter: "/acme/token" });

    expect(github).toMatchObject({
      registration: "token",
      credentialParameter: "/acme/token",
      credential: { kind: "token", tokenParameter: "/acme/token" },
      mistakes: [],
    });
  });
});

describe("mistakes of a connection", () => {
  const none = { ...app, org: undefined };

  it.each([
    ["appId", GithubConnection.app({ ...app, appId: "my-app" }), /^github\.appId must be digits/],
    ["org", GithubConnection.app({ ...app, org: "acme/widget" }), /^github\.org must be a login/],
    [
      "repository",
      GithubConnection.app({ ...none, repository: "widget" }),
      /^github\.repository must be owner and name/,
    ],
    [
      "neither",
      GithubConnection.app(none as unknown as typeof app),
      /^github needs either org.*or repository/,
    ],
    [
      "baseUrl",
      GithubConnection.app({ ...app, baseUrl: "https://ghe.example.com/api/v3" }),
      /without a path/,
    ],
    [
      "the API's address",
      GithubConnection.app({ ...app, baseUrl: "https://api.github.com" }),
      /^github\.baseUrl is "https:\/\/api\.github\.com": leave it out for github\.com\.$/,
    ],
    ...["https://API.GitHub.com", "https://api.github.com:443", "https://WWW.github.com"].map(
      (baseUrl): [string, GithubConnection, RegExp] => [
        `${baseUrl}, the same in other letters,`,
        GithubConnection.app({ ...app, baseUrl }),
        /: leave it out for github\.com\.$/,
      ],
    ),
    ...["https://api.acme.ghe.com", "https://ghe.com", "https://a.b.GHE.com"].map(
      (baseUrl): [string, GithubConnection, RegExp] => [
        `${baseUrl}, which has no API below it,`,
        GithubConnection.app({ ...app, baseUrl }),
        /: with data residency it is "https:\/\/SUBDOMAIN\.ghe\.com", without "api\."\.$/,
      ],
    ),
    ["plain http", GithubConnection.app({ ...app, baseUrl: "http://ghe.example.com" }), /^github\.baseUrl/],
    ["alias", GithubConnection.app({ ...app, credentialKmsKeyArn: "alias/acme" }), /not of an alias/],
    ["name", GithubConnection.token({ org: "acme", tokenParameter: "acme/token" }), /beginning with "\/"/],
  ])("names %s and what is wanted", (_what, { mistakes }, wording) => {
    expect(mistakes).toEqual([expect.stringMatching(wording)]);
  });

  const further = { appId: "456", privateKeyParameter: "/acme/key-456" };

  it.each<[string, Partial<typeof further>[], RegExp]>([
    ["an id that is none", [{ ...further, appId: "x" }], /^github\.furtherApps\[0\]\.appId must be digits/],
    [
      "the first App's id",
      [further, { ...further, appId: "123", privateKeyParameter: "/acme/other" }],
      /^github\.furtherApps\[1\]\.appId is that of github: GitHub counts the calls of an App together/,
    ],
    [
      "an id twice",
      [further, { ...further, privateKeyParameter: "/acme/other" }],
      /^github\.furtherApps\[1\]\.appId is that of github\.furtherApps\[0\]/,
    ],
    [
      "the first App's key",
      [{ ...further, privateKeyParameter: "/acme/github-app-key" }],
      /^github\.furtherApps\[0\]\.privateKeyParameter is that of github: each App has a key of its own/,
    ],
    [
      "more than policies have room for",
      ["1", "2", "4", "5", "6"].map((appId) => ({ appId, privateKeyParameter: `/acme/key-${appId}` })),
      /^github\.furtherApps has 5 Apps, and 4 can share the load\.$/,
    ],
    [
      "a secret",
      [{ ...further, privateKeyParameter: "-----BEGIN RSA PRIVATE KEY-----" }],
      /^github\.furtherApps\[0\]\.privateKeyParameter looks like a secret/,
    ],
  ])("names, of further Apps, %s", (_what, furtherApps, wording) => {
    const { mistakes } = GithubConnection.app({ ...app, furtherApps: furtherApps as (typeof further)[] });

    expect(mistakes).toEqual([expect.stringMatching(wording)]);
  });

  it("refuses further Apps where registration tokens leave nothing to share", () => {
    const github = GithubConnection.app({ ...app, registration: "token", furtherApps: [further] });

    expect(github.mistakes).toEqual([
      expect.stringMatching(
        /^github\.furtherApps share .* github\.registration is "token".*leave one of them out\.$/,
      ),
    ]);
  });

  const secretsNeverProps = /Secrets are never props: give the name of the parameter/;

  it("names both org and repository where both are given", () => {
    const { mistakes } = GithubConnection.app({ ...app, repository: "acme/widget" } as never);

    expect(mistakes).toEqual([
      "github.org and github.repository exclude each other: leave out github.org, or github.repository.",
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, "github must be an object, and is undefined."],
    [{ ...app, appId: undefined }, "github.appId is missing: it must be a text."],
    [{ ...app, appId: 123 }, "github.appId must be a text, and is 123. Put quotes around it."],
    [{ ...app, org: 5 }, "github.org must be a text, and is 5. Put quotes around it."],
    [
      { ...app, privateKeyParameter: undefined },
      "github.privateKeyParameter is missing: it must be the name of an SSM parameter.",
    ],
    [
      { ...app, privateKeyParameter: ["-----BEGIN"] },
      "github.privateKeyParameter must be the name of an SSM parameter.",
    ],
    [
      { ...app, registration: "JIT" },
      'github.registration must be one of jit, token, and is "JIT": did you mean "jit"?',
    ],
    [{ ...app, furtherApps: "456" }, "github.furtherApps must be a list of Apps."],
    [{ ...app, furtherApps: ["-----BEGIN"] }, "github.furtherApps must be a list of Apps."],
    [
      { ...app, furtherApps: [{ appId: "456" }] },
      "github.furtherApps[0].privateKeyParameter is missing: it must be the name of an SSM parameter.",
    ],
  ])("refuses %j, of which no connection can be made", (props, message) => {
    expect(() => GithubConnection.app(props as typeof app)).toThrow(new ConfigurationError(message));
  });

  it("refuses a token's connection without its parameter", () => {
    expect(() => GithubConnection.token({ org: "acme" } as never)).toThrow(
      "github.tokenParameter is missing: it must be the name of an SSM parameter.",
    );
  });

  it.each([
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", secretsNeverProps],
    ["a personal access token", "ghp_0123456789abcdefghij", secretsNeverProps],
    ["a fine-grained token", "github_pat_0123456789", secretsNeverProps],
    ["an installation token", "ghs_0123456789", secretsNeverProps],
    ["an old token", "0123456789abcdef0123456789abcdef01234567", /full name of an SSM parameter/],
  ])("refuses %s in place of a parameter's name, and does not repeat it", (_what, secret, wording) => {
    const github = GithubConnection.app({ ...app, privateKeyParameter: secret });

    expect(github.mistakes).toEqual([expect.stringMatching(wording)]);
    expect(github.mistakes[0]).not.toContain(secret);
  });

  it("refuses references to other resources", () => {
    const variable = new TerraformVariable(new TerraformStack(Testing.app(), "test"), "Name", {});
    const github = GithubConnection.app({
      org: variable.stringValue,
      appId: variable.stringValue,
      privateKeyParameter: variable.stringValue,
    });

    expect(github.mistakes).toEqual([
      expect.stringMatching(/^github\.org must be a plain value/),
      expect.stringMatching(/^github\.appId must be a plain value/),
      expect.stringMatching(/^github\.privateKeyParameter must be a plain value/),
    ]);
  });
});
