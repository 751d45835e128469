const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const

/** A moment in the reader's own clock: `14:20`, on another day `30 Nov, 14:20`. */
export function describeMoment(at: number, now: number): string {
  const moment = new Date(at)
  const time = describeTime(moment)
  const isToday = moment.toDateString() === new Date(now).toDateString()
  return isToday ? time : `${moment.getDate()} ${months[moment.getMonth()] ?? ""}, ${time}`
}

/** `14:20` */
export function describeTime(moment: Date): string {
  return [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":")
}
