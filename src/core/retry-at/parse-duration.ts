const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Units in the languages of providers; scripts without spaces are listed apart, see {@link part}. */
const units: readonly (readonly [names: string, ms: number])[] = [
  ["ms msec msecs millisecond milliseconds мс 毫秒 밀리초", 1],
  [
    "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondi secondo saniye giay seconden sekund sekundy sekunder detik сек секунда секунду секунды секунд с 秒 秒钟 초",
    second,
  ],
  [
    "m min mins minute minutes minuten minuto minutos minuti dakika phut minut minuty minuter menit мин минута минуту минуты минут 分 分钟 分間 분",
    minute,
  ],
  [
    "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore saat gio uur godzin godziny timmar jam ч час часа часов 小时 时 時間 个小时 시간",
    hour,
  ],
  [
    "d day days tag tage tagen jour jours dia dias giorno giorni gun ngay dagen dni dagar hari день дня дней 天 日 일",
    day,
  ],
  [
    "w week weeks woche wochen semaine semaines semana semanas hafta tuan weken minggu неделя неделю недели 周 週間 주",
    7 * day,
  ],
  ["month months monat monate mois mes meses месяц месяца 个月 か月", 30 * day],
]

const unitMs = new Map(units.flatMap(([names, ms]) => names.split(" ").map((name) => [name, ms] as const)))

const part =
  /^[\s,]{0,3}t?(?:and |und |et |y |e |и )?(\d{1,15}(?:\.\d{1,15})?)\s?(?:more )?(毫秒|밀리초|秒钟|秒|초|分钟|分間|分|분|个?小时|時間|시간|时|天|日|일|周|週間|주|个月|か月|\p{L}{1,12})/u

/**
 * Reads a span such as `6m0s`, `PT1H30M`, `19h 24m 10s`, `4hr 59min`, `2 days 8 hours`, `915ms`, `5 小时`, `30 секунд` from
 * the start of a lower-case text and ignores what follows.
 *
 * @returns milliseconds, or `undefined` when the text does not start with a number and a known unit
 */
export function parseDuration(text: string): number | undefined {
  let rest = text.slice(0, 120).replace(/^p(?=t?\d)/, "")
  let total: number | undefined
  for (let parts = 0; parts < 7; parts += 1) {
    const match = part.exec(rest)
    const factor = unitMs.get(match?.[2] ?? "")
    if (match === null || factor === undefined) break
    total = (total ?? 0) + Number(match[1]) * factor
    rest = rest.slice(match[0].length)
  }
  return total
}
