import { unwrapDelivery } from "../../../functions/webhook/delivery";

describe("unwrapDelivery", () => {
  it.each([
    ["lower", "x-github-event", "x-github-delivery", "x-hub-signature-256", "content-type"],
    ["title", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256", "Content-Type"],
    ["upper", "X-GITHUB-EVENT", "X-GITHUB-DELIVERY", "X-HUB-SIGNATURE-256", "CONTENT-TYPE"],
  ])("finds headers in %s case", (_, event, delivery, signature, type) => {
    const headers = {
      [event]: "ping",
      [delivery]: "1-a",
      [signature]: "sha256=0",
      [type]: "application/json",
    };
    expect(unwrapDelivery({ headers })).toMatchObject({
      event: "ping",
      id: "1-a",
      signature: "sha256=0",
      contentType: "application/json",
    });
  });

  it("keeps the bytes of a text", () => {
    expect(unwrapDelivery({ body: "ü🏃" }).body).toEqual(Buffer.from("ü🏃", "utf8"));
  });

  it("decodes base64 to any bytes", () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    expect(unwrapDelivery({ body: bytes.toString("base64"), isBase64Encoded: true }).body).toEqual(bytes);
  });

  it("takes no body for an empty one, and no headers for none", () => {
    expect(unwrapDelivery({})).toEqual({
      event: undefined,
      id: "unknown",
      signature: undefined,
      contentType: undefined,
      body: Buffer.alloc(0),
    });
  });

  it.each([["with space"], ['{"a":1}'], ["x".repeat(65)], [""], ["line\nbreak"]])(
    "lets the header %j into no log",
    (value) => {
      const delivery = unwrapDelivery({ headers: { "x-github-event": value, "x-github-delivery": value } });
      expect(delivery).toMatchObject({ event: undefined, id: "unknown" });
    },
  );
});
