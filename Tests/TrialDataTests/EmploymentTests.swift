import ModelFormula
import TestSupport
import Testing

@testable import TrialData

private func day(_ iso: String) -> Int32 { CalendarDay(iso: iso)!.number }

/// Spells of one participant, written as `establishment start end percent hours`.
private func outcome(
  _ lines: [String], inclusion: String = "2020-03-01",
  _ definition: EmploymentDefinition = EmploymentDefinition()
) -> EmploymentOutcome {
  let parts = lines.map { $0.split(separator: " ").map(String.init) }
  let spells = EmploymentSpells(
    participant: parts.map { _ in 0 }, establishment: parts.map { UInt64($0[0])! },
    start: parts.map { day($0[1]) },
    end: parts.map { $0[2] == "-" ? Column.missingDay : day($0[2]) },
    positionPercent: parts.map { $0.count > 3 ? Double($0[3])! : 100 },
    fullTimeHours: parts.map { $0.count > 4 ? Double($0[4])! : 37.5 })
  return EmploymentDerivation(definition).outcomes(inclusion: [day(inclusion)], spells: spells)[0]
}

@Suite("Employment from spells, by hand")
struct EmploymentByHandTests {
  @Test("no spell is no work, not a missing value")
  func none() {
    let result = outcome([])
    #expect(!result.isEmployed && result.hours == 0 && result.daysToFirstJob == nil && result.flags.isEmpty)
  }

  @Test("two overlapping jobs of 50 % for 10 days: 10 days, 10/7 x 37.5 h, 2 jobs")
  func overlap() {
    let result = outcome(["1 2020-04-01 2020-04-10 50", "2 2020-04-01 2020-04-10 50"])
    #expect(result.daysWorked == 10 && result.jobs == 2 && result.longestJobDays == 10)
    expectClose(result.hours, 10.0 / 7 * 37.5, relative: 1e-14)
    #expect(result.daysToFirstJob == 31)
  }

  @Test("overlapping or touching spells of one establishment are one job, a gap of a day makes two")
  func merging() {
    #expect(outcome(["1 2020-04-01 2020-04-10", "1 2020-04-11 2020-04-20"]).jobs == 1)
    #expect(outcome(["1 2020-04-01 2020-04-10", "1 2020-04-11 2020-04-20"]).longestJobDays == 20)
    let gap = outcome(["1 2020-04-12 2020-04-20", "1 2020-04-01 2020-04-10"])
    #expect(gap.jobs == 2 && gap.daysWorked == 19 && gap.longestJobDays == 10)
    let nested = outcome(["1 2020-04-01 2020-04-30", "1 2020-04-05 2020-04-06", "1 2020-05-01 2020-05-02"])
    #expect(nested.jobs == 1 && nested.longestJobDays == 32)
    expectClose(nested.hours, 34.0 / 7 * 37.5, relative: 1e-14)
  }

  @Test("one day between two status dates makes the outcome 1")
  func oneDay() {
    let result = outcome(["1 2020-04-17 2020-05-15"])
    #expect(result.isEmployed && result.daysWorked == 29)
    #expect(outcome(["1 2020-03-01 2020-03-01"]).daysToFirstJob == 0)
  }

  @Test("the window ends the day before the same date 18 months on, the month's end clipped")
  func windowEnd() {
    let clipped = outcome(["1 2022-02-27 2022-03-15"], inclusion: "2020-08-31")
    #expect(clipped.daysWorked == 1 && clipped.flags == .clippedEnd)
    #expect(!outcome(["1 2022-02-28 2022-03-15"], inclusion: "2020-08-31").isEmployed)
    let days = EmploymentDefinition(window: .days(548))
    #expect(outcome(["1 2020-03-01 2025-01-01"], days).daysWorked == 548)
    #expect(outcome(["1 2020-03-01 2025-01-01"]).daysWorked == 549)
  }

  @Test("a job that goes on behind the window in a touching spell is clipped")
  func touchingBehindWindow() {
    let result = outcome(["1 2022-02-20 2022-02-27", "1 2022-02-28 2022-04-01"], inclusion: "2020-08-31")
    #expect(result.daysWorked == 8 && result.jobs == 1 && result.flags == .clippedEnd)
  }

  @Test("a job begun before day 0 is excluded and counted, or counts from day 0")
  func preExisting() {
    let spells = ["1 2020-01-01 2020-03-10 100 20", "2 2020-05-01 2020-05-01"]
    let excluded = outcome(spells)
    #expect(
      excluded.preExisting == 1 && excluded.daysWorked == 1 && excluded.jobs == 1 && excluded.flags.isEmpty)
    let counted = outcome(spells, EmploymentDefinition(preExisting: .count))
    #expect(
      counted.preExisting == 1 && counted.daysWorked == 11 && counted.jobs == 2 && counted.daysToFirstJob == 0
    )
    #expect(counted.flags == [.clippedStart, .fullWeekReplaced])
    #expect(outcome(["1 2020-01-01 2020-02-29"]).preExisting == 0, "it ended before day 0")
    let touching = outcome(["1 2020-01-01 2020-02-29", "1 2020-03-01 2020-03-05"])
    #expect(touching.preExisting == 1 && touching.daysWorked == 0, "one job with the spell before")
  }

  @Test("a job without an end runs to the extract date, or to the window's end without one")
  func openEnd() {
    let noExtract = outcome(["1 2021-08-01 -"])
    #expect(noExtract.daysWorked == 31 && noExtract.flags == .openEnd)
    let late = outcome(["1 2021-08-01 -"], EmploymentDefinition(extractDay: day("2023-01-01")))
    #expect(late.daysWorked == 31 && late.flags == [.openEnd, .clippedEnd])
    let early = outcome(["1 2021-08-01 -"], EmploymentDefinition(extractDay: day("2021-08-10")))
    #expect(early.daysWorked == 10 && early.flags == .openEnd)
    #expect(outcome(["1 2022-08-01 -"]) == EmploymentOutcome())
  }

  @Test("full-time hours outside 25 to 45, or unknown, become the default and are flagged")
  func fullWeek() {
    for (hours, week, flagged) in [
      ("24.9", 37.5, true), ("25", 25, false), ("45", 45, false), ("45.1", 37.5, true), ("nan", 37.5, true),
    ] {
      let result = outcome(["1 2020-04-01 2020-04-07 100 \(hours)"])
      expectClose(result.hours, week, relative: 1e-14)
      #expect(result.flags == (flagged ? .fullWeekReplaced : []))
    }
    let unknown = outcome(["1 2020-04-01 2020-04-07 nan"])
    #expect(unknown.hours.isNaN && unknown.flags == .positionMissing && unknown.daysWorked == 7)
  }

  @Test("sustained employment is one job of that many days")
  func sustained() {
    #expect(outcome(["1 2020-04-01 2020-06-30"]).isSustained, "91 days")
    #expect(!outcome(["1 2020-04-01 2020-06-29"]).isSustained)
    #expect(!outcome(["1 2020-04-01 2020-05-30", "2 2020-05-31 2020-07-30"]).isSustained)
  }

  @Test("flags are named in a fixed order")
  func flagText() {
    #expect(
      EmploymentFlags([.openEnd, .clippedStart, .fullWeekReplaced, .clippedEnd]).text
        == "clipped-start;clipped-end;full-week-replaced;open-end")
  }
}

@Suite("Employment from spells, properties")
struct EmploymentPropertyTests {
  /// Random spells of many participants.
  private func random(_ seed: UInt64) -> (inclusion: [Int32], spells: EmploymentSpells) {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let inclusion = (0..<300).map { _ in Int32(18_322 + next(730)) }
    var spells = EmploymentSpells(
      participant: [], establishment: [], start: [], end: [], positionPercent: [], fullTimeHours: [])
    for _ in 0..<900 {
      let participant = next(300)
      let start = inclusion[participant] + Int32(next(900) - 200)
      spells.participant.append(Int32(participant))
      spells.establishment.append(UInt64(next(3)))
      spells.start.append(start)
      spells.end.append(next(8) == 0 ? Column.missingDay : start + Int32(next(200)))
      spells.positionPercent.append(Double(next(101)))
      spells.fullTimeHours.append([37.5, 35.5, 10, 40][next(4)])
    }
    return (inclusion, spells)
  }

  @Test(
    "days are a union: at most the window, at least the longest job, never above a count by day",
    arguments: [
      EmploymentDefinition.PreExisting.exclude, .count,
    ])
  func byDay(preExisting: EmploymentDefinition.PreExisting) {
    let (inclusion, spells) = random(7)
    let definition = EmploymentDefinition(preExisting: preExisting)
    let outcomes = EmploymentDerivation(definition).outcomes(inclusion: inclusion, spells: spells)
    for participant in inclusion.indices {
      let outcome = outcomes[participant]
      let last = definition.window.end(from: inclusion[participant]) - 1
      // Day by day: for each establishment the days covered, the runs of them, and those that begin before day 0.
      var worked: Set<Int32> = []
      var jobs = 0
      var pre = 0
      for establishment in Int32(0)..<3 {
        var covered: Set<Int32> = []
        for i in 0..<spells.count
        where spells.participant[i] == participant && spells.establishment[i] == establishment {
          let end = spells.end[i] == Column.missingDay ? max(last, spells.start[i]) : spells.end[i]
          covered.formUnion(spells.start[i]...end)
        }
        for first in covered.sorted() where !covered.contains(first - 1) {
          var end = first
          while covered.contains(end + 1) { end += 1 }
          if end < inclusion[participant] || first > last { continue }
          if first < inclusion[participant] {
            pre += 1
            if preExisting == .exclude { continue }
          }
          jobs += 1
          worked.formUnion(max(first, inclusion[participant])...min(end, last))
        }
      }
      #expect(
        Int(outcome.daysWorked) == worked.count && Int(outcome.jobs) == jobs
          && Int(outcome.preExisting) == pre)
      #expect(outcome.daysToFirstJob == worked.min().map { $0 - inclusion[participant] })
      #expect(outcome.longestJobDays <= outcome.daysWorked)
    }
  }

  @Test("the order of the spells does not matter, and stricter definitions find no more")
  func orderAndStrictness() {
    let (inclusion, spells) = random(11)
    let reversed = spells.selecting(Array((0..<spells.count).reversed()))
    let derive = { (d: EmploymentDefinition, s: EmploymentSpells) in
      EmploymentDerivation(d).outcomes(inclusion: inclusion, spells: s)
    }
    for (a, b) in zip(derive(EmploymentDefinition(), spells), derive(EmploymentDefinition(), reversed)) {
      expectClose(a.hours, b.hours, relative: 1e-12)
      var same = b
      same.hours = a.hours
      #expect(a == same)
    }
    let counted = derive(EmploymentDefinition(preExisting: .count), spells)
    let shorter = derive(EmploymentDefinition(window: .months(6)), spells)
    let longer = derive(EmploymentDefinition(sustainedDays: 180), spells)
    for (i, outcome) in derive(EmploymentDefinition(), spells).enumerated() {
      #expect(outcome.daysWorked <= counted[i].daysWorked && outcome.daysWorked >= shorter[i].daysWorked)
      #expect(!longer[i].isSustained || outcome.isSustained)
    }
  }
}

@Suite("Employment from files")
struct EmploymentFileTests {
  let directory = TemporaryDirectory()

  func read(
    _ participants: String, _ spells: String, _ definition: EmploymentDefinition = EmploymentDefinition()
  ) throws -> String {
    try directory.write(participants, "p.csv")
    try directory.write(spells, "s.csv")
    let files = try EmploymentFiles.read(
      EmploymentFiles.Request(
        participants: directory.path + "/p.csv", spells: directory.path + "/s.csv", definition: definition))
    let outcomes = EmploymentDerivation(definition).outcomes(
      inclusion: files.participants.inclusion, spells: files.spells)
    return String(
      decoding: EmploymentOutput(participants: files.participants, outcomes: outcomes).csv, as: UTF8.self)
  }

  let header = "id,establishment,start,end,position_pct,full_time_hours,type\n"

  @Test("one row a participant in their order, further columns untouched")
  func output() throws {
    let text = try read(
      "id,inclusion_date,arm,note\nB,2020-03-01,IPS,\"a,b\"\nA,2020-08-31,control,\n",
      header + "A,77,2020-09-01,2020-09-07,50,37.5,ordinary\nA,78,2021-12-01,,100,99,pension\n")
    #expect(
      text == """
        id,employed,days_worked,hours,jobs,longest_job_days,days_to_first_job,sustained,pre_existing,flags,arm,note
        B,0,0,0,0,0,NA,0,0,,IPS,"a,b"
        A,1,96,495.5357142857143,2,89,1,0,0,full-week-replaced;open-end,control,

        """)
    let ordinary = try read(
      "id,inclusion_date\nA,2020-08-31\n",
      header + "A,77,2020-09-01,2020-09-07,50,37.5,ordinary\nA,78,2021-12-01,,100,99,pension\n",
      EmploymentDefinition(types: ["ordinary"]))
    #expect(ordinary.hasSuffix("A,1,7,18.75,1,7,1,0,0,\n"))
  }

  @Test("every problem of both files with its line")
  func problems() throws {
    do {
      _ = try read(
        "id,inclusion_date\nA,2020-02-30\nA,2020-03-01\n,2020-03-01\nB,\n",
        header
          + "C,1,2020-01-01,2019-12-31,50,37.5,x\nA,,01.02.2020,,x,37.5,x\nA,1,2020-01-01,,-5,37.5,x\nA,1,,2020-01-01,5,37.5,x\n"
      )
      Issue.record("read")
    } catch let error as DataError {
      let found = error.problems.map { String($0.description.dropFirst(directory.path.count + 1)) }
      #expect(
        found == [
          "p.csv:3:id: the participant of line 2 again, one row a participant expected",
          "p.csv:4:id: an empty identifier, a participant in every row expected",
          "p.csv:2:inclusion_date: a date-like text of 10 characters, a date YYYY-MM-DD expected",
          "p.csv:5:inclusion_date: no date, a date YYYY-MM-DD expected",
          "s.csv:2:id: a participant who is not in the list, an id of the participants' file expected",
          "s.csv:3:establishment: no establishment, one in every row expected, since jobs are merged by it",
          "s.csv:3:start: a date-like text of 10 characters, a date YYYY-MM-DD expected",
          "s.csv:5:start: no date, a date YYYY-MM-DD expected",
          "s.csv:3:position_pct: a text of 1 character, a number with a decimal point expected",
          "s.csv:4:position_pct: a negative number, a number from 0 expected",
          "s.csv:2:end: an end before the start, an end on or after the start expected",
        ])
      #expect(error.exitCode == 65)
    }
  }
}

@Suite("Job starts as recurrent events")
struct RecurrentJobTests {
  @Test("rows run from day 0 to each start and on to the end; one day's starts are one event")
  func rows() {
    let rows = RecurrentJobOutput.rows(of: 3, starts: [10, 0, 10], end: 20)
    let expected: [RecurrentJobOutput.Row] = [
      .init(participant: 3, start: 0, stop: 1, isEvent: true, number: 1, jobs: 1),
      .init(participant: 3, start: 1, stop: 11, isEvent: true, number: 2, jobs: 2),
      .init(participant: 3, start: 11, stop: 20, isEvent: false, number: 3, jobs: 0),
    ]
    #expect(rows == expected)
    #expect(RecurrentJobOutput.rows(of: 0, starts: [], end: 5).map(\.stop) == [5])
    // A start on the last day ends the follow-up; one behind it is not seen.
    #expect(RecurrentJobOutput.rows(of: 0, starts: [4, 6], end: 5).map(\.isEvent) == [true])
    #expect(RecurrentJobOutput.rows(of: 0, starts: [], end: 0).isEmpty)
  }

  @Test("a pre-existing job begins none, whether or not it counts", arguments: [true, false])
  func preExisting(counts: Bool) {
    let definition = EmploymentDefinition(window: .days(100), preExisting: counts ? .count : .exclude)
    let spells = EmploymentSpells(
      participant: [0, 0, 0], establishment: [0, 1, 2],
      start: [day("2019-12-01"), day("2020-01-01"), day("2020-02-01")],
      end: [day("2020-01-20"), day("2020-01-05"), day("2020-02-05")],
      positionPercent: [100, 100, 100], fullTimeHours: [37.5, 37.5, 37.5])
    #expect(
      EmploymentDerivation(definition).jobStarts(inclusion: [day("2020-01-01")], spells: spells) == [[0, 31]])
  }
}
