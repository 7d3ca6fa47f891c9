import {
  architectureOf,
  ARCHITECTURES,
  DEFAULT_INSTANCE_TYPES,
  isInstanceType,
} from "../../constructs/instance-types";

const families: Record<string, string[]> = {
  arm64: [
    ..."a1 t4g m6g m6gd m7g m8g m8gb c6gn c7g c7gd c7gn c8g r7g r8g r8gd x2gd x8g".split(" "),
    ..."im4gn is4gen i4g i7g i8g i8ge g5g hpc7g p6e-gb200".split(" "),
  ],
  x64: [
    ..."t2 t3 t3a m4 m5 m5dn m5zn m6a m6i m6idn m7a m7i m7i-flex m8i m8i-flex c5n c7i-flex".split(" "),
    ..."r5b r7iz x1 x1e x2idn x2iedn z1d d2 d3en h1 i3 i3en i4i i7ie".split(" "),
    ..."g4ad g4dn g5 g6 g6e gr6 p3dn p4d p4de p5en inf1 inf2 trn1n trn2 dl1 dl2q vt1 f1 f2".split(" "),
    ..."hpc6a hpc6id hpc7a u-12tb1 u-6tb1 u7i-12tb u7in-16tb".split(" "),
  ],
};

describe("Architecture of an instance type", () => {
  it.each(Object.entries(families))("is %s for its families", (architecture, names) => {
    const wrong = names.filter((family) => architectureOf(`${family}.large`) !== architecture);

    expect(wrong).toEqual([]);
  });

  it.each(["mac2.metal", "mac2-m2.metal", "q1.large", "", "M7I.large", "large"])(
    "is unknown for %j",
    (type) => {
      expect(architectureOf(type)).toBeUndefined();
    },
  );

  it.each(ARCHITECTURES)("is that of each default type of %s", (architecture) => {
    const types = DEFAULT_INSTANCE_TYPES[architecture];

    expect(types.length).toBeGreaterThanOrEqual(5);
    expect(types.map(architectureOf)).toEqual(types.map(() => architecture));
  });
});

describe("An instance type", () => {
  it.each([
    ..."t3.nano m7i.large m7i.xlarge m7i-flex.2xlarge u7in-32tb.224xlarge".split(" "),
    ..."c7g.metal m7i.metal-24xl mac2-m2pro.metal".split(" "),
  ])("is %s", (type) => {
    expect(isInstanceType(type)).toBe(true);
  });

  it.each(["m7i", "m7i.lrge", "m7i.largex", "M7i.Large", "m7i large", "m7i.2x", "m7i.x-large", ""])(
    "is not %j",
    (type) => {
      expect(isInstanceType(type)).toBe(false);
    },
  );
});
