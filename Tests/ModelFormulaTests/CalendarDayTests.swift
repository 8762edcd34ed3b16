import ModelFormula
import Testing

@Suite("Calendar days")
struct CalendarDayTests {
  @Test("every day of four centuries has one number and one date")
  func roundTrip() {
    var previous = CalendarDay(iso: "1799-12-31")!
    for number in (previous.number + 1)...CalendarDay(iso: "2200-01-01")!.number {
      let day = CalendarDay(number: number)
      let (y, m, d) = day.components
      #expect(CalendarDay(year: y, month: m, day: d) == day)
      let before = previous.components
      #expect(before.month == m ? d == before.day + 1 : d == 1)
      previous = day
    }
    #expect(CalendarDay(number: 0).iso == "1970-01-01")
  }

  @Test("eighteen months clip the end of a month")
  func months() {
    #expect(CalendarDay(iso: "2020-08-31")!.adding(months: 18).iso == "2022-02-28")
    #expect(CalendarDay(iso: "2022-08-31")!.adding(months: 18).iso == "2024-02-29")
    #expect(CalendarDay(iso: "2020-03-01")!.adding(months: 18).iso == "2021-09-01")
    #expect(CalendarDay(iso: "2020-03-31")!.adding(months: -1).iso == "2020-02-29")
  }

  @Test("windows of 18 months have the lengths of the planned inclusion dates")
  func windowLengths() {
    // Two years of inclusion, 1 March 2020 to 28 February 2022, counted by hand in the trial's facts.
    var counts: [Int32: Int] = [:]
    var day = CalendarDay(iso: "2020-03-01")!
    while day <= CalendarDay(iso: "2022-02-28")! {
      counts[day.adding(months: 18).number - day.number, default: 0] += 1
      day = day.adding(days: 1)
    }
    #expect(counts == [546: 244, 547: 122, 548: 126, 549: 238])
  }

  @Test(
    "dates that do not exist are refused",
    arguments: ["2021-02-29", "2021-13-01", "21-01-01", "2021/01/01", "2021-1-01"])
  func refused(text: String) {
    #expect(CalendarDay(iso: text) == nil)
  }
}
