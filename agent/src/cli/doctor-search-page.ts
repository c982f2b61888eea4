import { counted } from '@farola/shared';
import { hex } from '../meter/profile/hex.js';
import { foundCount, givenCounts, searchFailure, searchVerdict } from '../meter/tool/doctor/search-meter.js';
import type { SearchedFunction } from '../meter/tool/doctor/search-meter.js';
import type { FoundPlaces, Place } from '../meter/tool/doctor/search-registers.js';
import type { RegisterRange } from '../meter/tool/read-registers.js';

/** What came of one function, in words. */
export function searchedLine(range: RegisterRange, searched: SearchedFunction): string {
  const { given, refused } = givenCounts(searched);
  const from = `from ${hex(range.address)}`;
  const told = (what: string): string => `function ${searched.functionCode}: ${what}`;
  const verdict = searchVerdict(searched);
  if (verdict === 'no answer') return told('nobody answers');
  if (verdict === 'unreachable') return told('a gateway answers, and says that nobody answers it behind');
  if (verdict === 'refused') {
    const exception = String(searchFailure(range, searched)?.facts['exception']);
    return told(`all ${counted(refused, 'register')} ${from} are refused by exception ${exception}`);
  }
  const left = refused === 0 ? '' : `, ${refused} refused`;
  if (verdict === 'zero') return told(`${counted(given, 'register')} ${from} hold 0${left}`);
  const { found } = searched;
  return told(
    `${counted(given, 'register')} ${from} read${left}: ${foundCount(searched)} of ${counted(found.length, 'quantity', 'quantities')} found`,
  );
}

/** What came of one function. */
export function searchedJson(searched: SearchedFunction): object {
  const { given, refused } = givenCounts(searched);
  return {
    functionCode: searched.functionCode,
    response: searchVerdict(searched),
    readCount: given,
    refusedCount: refused,
    foundCount: foundCount(searched),
  };
}

/** The same where a profile is examined. */
export const NOTHING_SEARCHED = { searched: [], places: [] };

/** Where a quantity may lie, in words. */
export function placesPage({ quantity, value, places }: FoundPlaces): string[] {
  if (places.length === 0) return [`${quantity} ${value}: found nowhere`];
  return [
    `${quantity} ${value}:`,
    ...places.map(
      (place) =>
        `  ${hex(place.addr)} ${typeText(place)} ${place.order} * ${place.scale} = ${Number(place.value.toPrecision(7))}`,
    ),
  ];
}

/** That of decimal digits does not say how many registers it takes. */
function typeText({ type, registers }: Place): string {
  return type === 'bcd' && registers > 1 ? `bcd of ${registers} registers` : type;
}

/** Where a quantity may lie. */
export function placesJson({ quantity, places }: FoundPlaces): object[] {
  return places.map(({ addr, registers, type, order, scale, value }) => ({
    quantity,
    firstRegister: addr,
    registerCount: registers,
    type,
    order,
    scale,
    shows: value,
  }));
}
