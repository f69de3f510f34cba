// @vitest-environment node
import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { join, randomBytes, utf8 } from "./bytes";
import { agree, agreementKeyOf, identityOf, isSoundAgreementKey, isSoundIdentity, publicOf, sign, verifies } from "./curve";
import { bytes, flipped } from "./testing";

const littleEndian = (value: bigint): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const P = 2n ** 255n - 19n;

// The eight points of small order, and encodings of them that are not reduced.
const smallOrder = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(bytes);

describe("an identity key", () => {
  it("is sound if it was made of a seed", () => {
    for (let round = 0; round < 10; round++) expect(isSoundIdentity(identityOf(randomBytes(32)))).toBe(true);
  });

  it("of small order, beyond the field, off the curve or of another length is not", () => {
    const unsound = [...smallOrder, littleEndian(P + 3n), littleEndian(2n), randomBytes(31), randomBytes(33), randomBytes(0)];
    expect(unsound.map((key) => isSoundIdentity(key))).toEqual(unsound.map(() => false));
  });

  it("of mixed order is not, though libraries convert it without complaint", () => {
    const torsion = ed25519.Point.fromBytes(smallOrder[4] ?? randomBytes(0));
    const mixed = Uint8Array.from(ed25519.Point.fromBytes(identityOf(randomBytes(32))).add(torsion).toBytes());
    expect(agreementKeyOf(mixed)).toHaveLength(32);
    expect(isSoundIdentity(mixed)).toBe(false);
  });
});

describe("a signature", () => {
  const seed = randomBytes(32);
  const signature = sign(utf8("text"), seed);

  it("is good for its text and key alone, and cannot be altered", () => {
    expect(verifies(signature, utf8("text"), identityOf(seed))).toBe(true);
    expect(verifies(signature, utf8("Text"), identityOf(seed))).toBe(false);
    expect(verifies(signature, utf8("text"), identityOf(randomBytes(32)))).toBe(false);
    for (let bit = 0; bit < 512; bit += 7) expect(verifies(flipped(signature, bit), utf8("text"), identityOf(seed))).toBe(false);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = signature.slice(32).reduceRight((sum, value) => (sum << 8n) | BigInt(value), 0n);
    expect(verifies(join(signature.slice(0, 32), littleEndian(s + order)), utf8("text"), identityOf(seed))).toBe(false);
  });

  it("by the identity point, which some libraries accept for every text, is refused", () => {
    const identityPoint = smallOrder[0] ?? randomBytes(0);
    const universal = join(identityPoint, new Uint8Array(32));
    expect(ed25519.verify(universal, utf8("anything"), identityPoint)).toBe(true);
    expect(verifies(universal, utf8("anything"), identityPoint)).toBe(false);
  });
});

describe("a key to agree with", () => {
  const low = [
    0n, 1n, P - 1n,
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  ];

  it("is refused where every secret would come to the same", () => {
    for (const u of low) {
      expect(isSoundAgreementKey(littleEndian(u))).toBe(false);
      expect(agree(randomBytes(32), littleEndian(u))).toBeNull();
    }
  });

  it("is refused unless it is reduced", () => {
    for (const u of [P, P + 1n, P + 9n, 2n ** 255n, 2n ** 256n - 1n]) expect(isSoundAgreementKey(littleEndian(u))).toBe(false);
    const sound = publicOf(randomBytes(32));
    expect(isSoundAgreementKey(sound)).toBe(true);
    expect(isSoundAgreementKey(flipped(sound, 255))).toBe(false);
  });

  it("gives both sides the same secret, as RFC 7748 says", () => {
    const [alice, bob] = [randomBytes(32), randomBytes(32)];
    expect(agree(alice, publicOf(bob))).toEqual(agree(bob, publicOf(alice)));
    const scalar = bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
    const u = bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
    expect(agree(scalar, u)).toEqual(bytes("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  });
});
