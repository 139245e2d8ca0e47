// A moment as keepalived.data shows it: "1795287818.091983 (Sat Nov 21 19:03:38.091983 2026)".

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Seconds of the calendar with a fraction; in local time. */
export function calendarTime(seconds: number): string {
  const [whole = '', fraction = ''] = seconds.toFixed(6).split('.');
  const date = new Date(Number(whole) * 1000);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  const day = `${days[date.getDay()]} ${months[date.getMonth()]}`;
  const number = String(date.getDate()).padStart(2, '0');
  const text = `${day} ${number} ${time.join(':')}.${fraction} ${date.getFullYear()}`;
  return `${whole}.${fraction} (${text})`;
}
