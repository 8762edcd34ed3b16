import ModelFormula
import TestSupport
import Testing

@testable import TrialData

private func day(_ iso: String) -> Int32 { CalendarDay(iso: iso)!.number }

/// Spells of one participant in days from inclusion on, written as `(establishment, first, last, per cent)`.
private func spells(_ rows: [(UInt64, Int32, Int32, Double)], from inclusion: Int32) -> EmploymentSpells {
  EmploymentSpells(
    participant: rows.map { _ in 0 }, establishment: rows.map(\.0), start: rows.map { inclusion + $0.1 },
    end: rows.map { inclusion + $0.2 }, positionPercent: rows.map(\.3),
    fullTimeHours: rows.map { _ in 37.5 })
}

/// Random spells and absences of many participants.
private struct RandomRegister {
  let inclusion: [Int32]
  let spells: EmploymentSpells
  let absences: EmploymentAbsences

  init(seed: UInt64) {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let inclusion = (0..<200).map { _ in Int32(18_322 + next(730)) }
    var spells = EmploymentSpells.none
    var absences = EmploymentAbsences()
    for _ in 0..<600 {
      let participant = next(200)
      let start = inclusion[participant] + Int32(next(900) - 200)
      spells.participant.append(Int32(participant))
      spells.establishment.append(UInt64(next(3)))
      spells.start.append(start)
      spells.end.append(start + Int32(next(300)))
      spells.positionPercent.append(Double(next(101)))
      spells.fullTimeHours.append(37.5)
      if next(3) == 0 {
        let from = start + Int32(next(60))
        absences.append(
          participant: Int32(participant), establishment: UInt64(next(3)), start: from,
          end: next(5) == 0 ? Column.missingDay : from + Int32(next(90)),
          kind: next(2) == 0 ? .leave : .furlough, percent: Double([40, 60, 100][next(3)]),
          isPaid: next(2) == 0)
      }
    }
    self.inclusion = inclusion
    self.spells = spells
    self.absences = absences
  }

  func outcomes(_ definition: EmploymentDefinition = EmploymentDefinition()) -> [EmploymentOutcome] {
    EmploymentDerivation(definition).outcomes(inclusion: inclusion, spells: spells, absences: absences)
  }
}

@Suite("Definitions of employment")
struct EmploymentCriterionTests {
  @Test("a definition is written as its name and bounds")
  func parsing() throws {
    let criterion = try EmploymentCriterion(parsing: "paid=days>=30 & earnings>=5e4")
    #expect(criterion.id == "paid" && criterion.variable == "employed_paid" && criterion.needsEarnings)
    #expect(
      criterion.conditions == [.init(.days, atLeast: 30), .init(.earnings, atLeast: 50_000)])
    for wrong in [
      "days>=30", "=days>=30", "a b=days>=30", "a=days>30", "a=weeks>=3", "a=days>=x", "a=days>=0",
      "a=share>=1.1", "a=hours>=-1", "a=days>=30&", "a=hours>=inf",
    ] { #expect(throws: CriterionError.self) { try EmploymentCriterion(parsing: wrong) } }
  }

  @Test("each definition at its edge: a day more or less decides")
  func edges() {
    let inclusion = day("2021-01-01")
    let definition = EmploymentDefinition(window: .days(548))
    func holds(_ text: String, _ rows: [(UInt64, Int32, Int32, Double)], earnings: Double = .nan) -> Bool? {
      let outcome = EmploymentDerivation(definition).outcomes(
        inclusion: [inclusion], spells: spells(rows, from: inclusion))[0]
      return try! EmploymentCriterion(parsing: "x=" + text).holds(
        for: outcome, windowDays: 548, earnings: earnings)
    }
    #expect(holds("days>=1", []) == false)
    #expect(holds("days>=1", [(1, 0, 0, 100)]) == true)
    #expect(holds("days>=30", [(1, 10, 38, 100)]) == false)
    #expect(holds("days>=30", [(1, 10, 38, 100), (2, 40, 40, 100)]) == true, "the union of two jobs")
    #expect(holds("days>=30", [(1, 10, 30, 50), (2, 10, 30, 50)]) == false, "no day counts twice")
    #expect(holds("job-days>=91", [(1, 0, 90, 1)]) == true)
    #expect(holds("job-weeks>=13", [(1, 0, 90, 1)]) == true)
    #expect(holds("job-weeks>=13", [(1, 0, 89, 1), (2, 90, 200, 1)]) == true)
    #expect(holds("job-weeks>=13", [(1, 0, 89, 1), (2, 90, 179, 1)]) == false, "one job must last")
    #expect(holds("share>=0.5", [(1, 0, 273, 100)]) == true, "274 of 548 days")
    #expect(holds("share>=0.5", [(1, 0, 272, 100)]) == false)
    #expect(holds("hours>=37.5", [(1, 0, 6, 100)]) == true)
    #expect(holds("hours>=37.5", [(1, 0, 6, 99)]) == false)
    #expect(holds("weekly-hours>=18.75", [(1, 0, 547, 50)]) == true)
    #expect(holds("earnings>=100", [], earnings: 100) == true)
    #expect(holds("earnings>=100", [(1, 0, 6, 100)], earnings: 99.9) == false)
    #expect(holds("hours>=1", [(1, 0, 6, .nan)]) == nil, "an unknown position leaves hours unknown")
    #expect(holds("days>=30&hours>=1", [(1, 0, 6, .nan)]) == false, "too few days, whatever the hours")
  }

  @Test("a stricter bound finds no more people, and every definition needs a day of work")
  func monotone() throws {
    let register = RandomRegister(seed: 5)
    let outcomes = register.outcomes()
    let window = EmploymentDefinition.Window.months(18)
    func found(_ text: String) throws -> [Double] {
      try EmploymentCriterion(parsing: "x=" + text).values(
        outcomes, inclusion: register.inclusion, window: window, earnings: nil)
    }
    let any = try found("days>=1")
    for (measure, bounds) in [
      ("days", [1.0, 30, 100, 300]), ("job-weeks", [1, 13, 26]), ("share", [0.1, 0.5, 0.9]),
      ("hours", [1, 100, 1000]), ("weekly-hours", [1, 10, 20]),
    ] {
      var last = any
      for bound in bounds {
        let now = try found("\(measure)>=\(bound)")
        #expect(zip(now, last).allSatisfy { $0 <= $1 }, "\(measure) of at least \(bound)")
        #expect(bound == bounds[0] || now != last, "the bounds tell people apart")
        last = now
      }
    }
  }
}

@Suite("Employment: invariants of the register")
struct EmploymentInvariantTests {
  @Test("cutting a spell in two within an establishment changes nothing", arguments: [1, 2, 3] as [UInt64])
  func splitting(seed: UInt64) {
    let register = RandomRegister(seed: seed)
    var cut = register.spells
    for i in 0..<register.spells.count where register.spells.end[i] > register.spells.start[i] {
      let middle = (register.spells.start[i] + register.spells.end[i]) / 2
      cut.end[i] = middle
      cut.participant.append(cut.participant[i])
      cut.establishment.append(cut.establishment[i])
      cut.start.append(middle + 1)
      cut.end.append(register.spells.end[i])
      cut.positionPercent.append(cut.positionPercent[i])
      cut.fullTimeHours.append(cut.fullTimeHours[i])
    }
    for preExisting in EmploymentDefinition.PreExisting.allCases {
      var definition = EmploymentDefinition(preExisting: preExisting)
      definition.absence.days = .absent
      let whole = register.outcomes(definition)
      let pieces = EmploymentDerivation(definition).outcomes(
        inclusion: register.inclusion, spells: cut, absences: register.absences)
      for (a, b) in zip(whole, pieces) {
        expectClose(a.hours, b.hours, relative: 1e-12, absolute: 1e-9)
        expectClose(a.leaveHours, b.leaveHours, relative: 1e-12, absolute: 1e-9)
        #expect(a.daysWorked == b.daysWorked && a.jobs == b.jobs && a.longestJobDays == b.longestJobDays)
        #expect(a.daysToFirstJob == b.daysToFirstJob && a.preExisting == b.preExisting)
      }
    }
  }

  @Test("days never exceed the window, and a day away takes away and adds nothing")
  func bounds() {
    let register = RandomRegister(seed: 9)
    var definition = EmploymentDefinition()
    let employed = register.outcomes(definition)
    definition.absence = AbsenceRules(hours: .all, days: .absent)
    let absent = register.outcomes(definition)
    definition.absence = AbsenceRules(hours: .none, days: .employed)
    let contracted = register.outcomes(definition)
    for (i, outcome) in employed.enumerated() {
      let length = definition.window.end(from: register.inclusion[i]) - register.inclusion[i]
      #expect(outcome.daysWorked <= length && outcome.longestJobDays <= length)
      #expect(absent[i].daysWorked <= outcome.daysWorked && absent[i].jobs == outcome.jobs)
      #expect(absent[i].longestJobDays == outcome.longestJobDays, "leave ends no job")
      #expect(absent[i].hours <= outcome.hours + 1e-9 && outcome.hours <= contracted[i].hours + 1e-9)
      expectClose(contracted[i].hours, outcome.contractedHours, relative: 1e-12, absolute: 1e-9)
      expectClose(
        absent[i].hours, outcome.contractedHours - outcome.leaveHours - outcome.furloughHours,
        relative: 1e-9, absolute: 1e-6)
      if outcome.contractedHours > 0 {
        #expect((0...1.000001).contains(outcome.leaveShare + outcome.furloughShare))
      }
    }
    #expect(zip(absent, employed).contains { $0.daysWorked < $1.daysWorked })
  }

  @Test("the months add up to the window")
  func months() {
    let register = RandomRegister(seed: 13)
    var definition = EmploymentDefinition()
    definition.absence.days = .absent
    let outcomes = register.outcomes(definition)
    let months = EmploymentDerivation(definition).months(
      inclusion: register.inclusion, spells: register.spells, absences: register.absences)
    #expect(months.count == 18 * register.inclusion.count)
    var days = [Int32](repeating: 0, count: outcomes.count)
    var hours = [Double](repeating: 0, count: outcomes.count)
    var length = days
    for i in 0..<months.count {
      let person = Int(months.participant[i])
      #expect(months.month[i] == Int32(i % 18 + 1) && person == i / 18)
      #expect(months.daysWorked[i] <= months.days[i])
      #expect(months.employed[i] == (months.daysWorked[i] > 0 ? 1 : 0))
      days[person] += months.daysWorked[i]
      hours[person] += months.hours[i]
      length[person] += months.days[i]
    }
    for person in outcomes.indices {
      #expect(days[person] == outcomes[person].daysWorked)
      expectClose(hours[person], outcomes[person].hours, relative: 1e-9, absolute: 1e-9)
      let inclusion = register.inclusion[person]
      #expect(length[person] == definition.window.end(from: inclusion) - inclusion)
    }
  }
}

@Suite("Employment by month, on many threads")
struct ParallelMonthTests {
  @Test("the months are the same on any number of threads", arguments: [2, 3, 7])
  func parts(parts: Int) {
    let register = RandomRegister(seed: 17)
    func months(_ parts: Int) -> EmploymentMonths {
      EmploymentDerivation(EmploymentDefinition()).months(
        inclusion: register.inclusion, spells: register.spells, absences: register.absences, atLeast: 1,
        parts: parts)
    }
    let (one, many) = (months(1), months(parts))
    #expect(one.count > 18 && one.participant == many.participant && one.month == many.month)
    #expect(one.days == many.days && one.daysWorked == many.daysWorked)
    #expect(one.employed == many.employed && one.hours == many.hours)
  }
}

@Suite("Employment by month, by hand")
struct EmploymentMonthTests {
  private func series(
    _ rows: [(UInt64, Int32, Int32, Double)], inclusion: String, _ definition: EmploymentDefinition,
    atLeast: Int = 1
  ) -> EmploymentMonths {
    EmploymentDerivation(definition).months(
      inclusion: [day(inclusion)], spells: spells(rows, from: day(inclusion)), atLeast: atLeast)
  }

  @Test("a month runs to the same day of the next, the month's end clipped")
  func bounds() {
    let months = series([(1, 0, 0, 100)], inclusion: "2020-08-31", EmploymentDefinition(window: .months(4)))
    // 31 August to 29 September, 30 September to 30 October, 31 October to 29 November, 30 November to 30 December
    #expect(months.days == [30, 31, 30, 31])
    #expect(months.employed == [1, 0, 0, 0] && months.daysWorked == [1, 0, 0, 0])
    expectClose(months.hours[0], 37.5 / 7, relative: 1e-12)
  }

  @Test("a job over the turn of a month counts in both, by its days")
  func turn() {
    let months = series(
      [(1, 20, 40, 100)], inclusion: "2021-01-01", EmploymentDefinition(window: .months(3)), atLeast: 11)
    #expect(months.daysWorked == [11, 10, 0] && months.employed == [1, 0, 0])
    expectClose(months.hours[1], 10 * 37.5 / 7, relative: 1e-12)
  }

  @Test("a window in days leaves out a last month of which less than half is in it")
  func windowInDays() {
    func count(_ days: Int) -> [Int32] {
      series([], inclusion: "2021-01-01", EmploymentDefinition(window: .days(days))).days
    }
    #expect(count(59) == [31, 28])
    #expect(count(60) == [31, 28])
    #expect(count(75) == [31, 28, 16])
    #expect(count(74) == [31, 28])
  }

  @Test("what the register does not know is missing, unless enough is known")
  func unknown() {
    let definition = EmploymentDefinition(window: .months(4), extractDay: day("2021-02-10"))
    let months = series([(1, 33, 33, 100)], inclusion: "2021-01-01", definition)
    #expect(months.employed[0] == 0 && months.employed[1] == 1)
    #expect(months.employed[2].isNaN && months.employed[3].isNaN && months.hours[1].isNaN)
    let none = series([], inclusion: "2021-01-01", definition)
    #expect(none.employed[0] == 0 && none.employed[1].isNaN)
  }
}

@Suite("Leave, furlough and pay, by hand")
struct AbsenceAndPayTests {
  private let inclusion = day("2021-01-01")

  private func outcome(
    _ absences: [(AbsenceKind, Int32, Int32, Double, Bool)], _ rules: AbsenceRules,
    establishment: UInt64 = 1
  ) -> EmploymentOutcome {
    var definition = EmploymentDefinition(window: .days(100))
    definition.absence = rules
    var list = EmploymentAbsences()
    for (kind, start, end, percent, isPaid) in absences {
      list.append(
        participant: 0, establishment: establishment, start: inclusion + start, end: inclusion + end,
        kind: kind, percent: percent, isPaid: isPaid)
    }
    return EmploymentDerivation(definition).outcomes(
      inclusion: [inclusion], spells: spells([(1, 10, 29, 100)], from: inclusion), absences: list)[0]
  }

  @Test("unpaid leave and furlough are taken from the hours, paid leave is not")
  func hours() {
    let week = 37.5 / 7
    let away: [(AbsenceKind, Int32, Int32, Double, Bool)] = [
      (.leave, 0, 13, 50, false), (.leave, 14, 15, 100, true), (.furlough, 16, 17, 40, false),
    ]
    let unpaid = outcome(away, AbsenceRules())
    expectClose(unpaid.contractedHours, 20 * week, relative: 1e-12)
    expectClose(unpaid.hours, (20 - 4 * 0.5 - 2 * 0.4) * week, relative: 1e-12)
    expectClose(unpaid.leaveHours, (2 + 2) * week, relative: 1e-12)
    expectClose(unpaid.furloughShare, 0.8 / 20, relative: 1e-12)
    expectClose(outcome(away, AbsenceRules(hours: .all)).hours, (20 - 2 - 2 - 0.8) * week, relative: 1e-12)
    expectClose(outcome(away, AbsenceRules(hours: .none)).hours, 20 * week, relative: 1e-12)
    #expect(outcome(away, AbsenceRules(), establishment: 2).hours == outcome([], AbsenceRules()).hours)
  }

  @Test("a day wholly away is a day of work or none, as the rule says; the job stays as long")
  func days() {
    let away: [(AbsenceKind, Int32, Int32, Double, Bool)] = [
      (.leave, 5, 12, 60, true), (.furlough, 11, 14, 60, false),
    ]
    let absent = outcome(away, AbsenceRules(days: .absent))
    // Both on days 11 and 12: 120 %, taken as 100 %.
    #expect(absent.daysWorked == 18 && absent.longestJobDays == 20 && absent.daysToFirstJob == 10)
    expectClose(
      absent.leaveHours + absent.furloughHours, (3 * 0.6 + 2 * 0.4 + 2 * 0.6) * 37.5 / 7, relative: 1e-12)
    #expect(outcome(away, AbsenceRules()).daysWorked == 20)
    let gone = outcome([(.leave, 0, 99, 100, false)], AbsenceRules(days: .absent))
    #expect(!gone.isEmployed && gone.jobs == 1 && gone.daysToFirstJob == nil)
  }

  @Test("months that the window cuts count whole, by their days inside, or not")
  func edgeMonths() {
    let pay = MonthlyPay(
      participant: [0, 0, 0, 0, 1],
      month: ["2020-07", "2020-08", "2020-09", "2022-02", "2020-09"].map { MonthlyPay.month($0)! },
      amount: [999, 3100, 10_000, 2800, .nan])
    let inclusion = [day("2020-08-31"), day("2020-08-31"), day("2021-01-01")]
    func totals(_ edges: EdgeMonths) -> [Double] {
      pay.totals(inclusion: inclusion, window: .months(18), edges: edges)
    }
    #expect(totals(.whole)[0] == 15_900 && totals(.inside)[0] == 10_000)
    // 1 of 31 days of August, 27 of 28 of February
    expectClose(totals(.prorated)[0], 100 + 10_000 + 2700, relative: 1e-12)
    #expect(totals(.whole)[1].isNaN && totals(.whole)[2] == 0)
    #expect(MonthlyPay.month("2020-13") == nil && MonthlyPay.month("2020-02-30") == nil)
    #expect(MonthlyPay.month("2020-02-29") == MonthlyPay.month("2020-02"))
  }
}

@Suite("Absences and pay from files")
struct EmploymentFurtherFileTests {
  let directory = TemporaryDirectory()

  private func read(absences: String, pay: String) throws -> EmploymentFiles {
    try directory.write("id,inclusion_date\nA,2020-03-01\nB,2020-03-01\n", "p.csv")
    try directory.write(
      "id,establishment,start,end,position_pct,full_time_hours,type\nA,7,2020-04-01,,100,37.5,x\n", "s.csv")
    try directory.write(absences, "a.csv")
    try directory.write(pay, "pay.csv")
    return try EmploymentFiles.read(
      EmploymentFiles.Request(
        participants: directory.path + "/p.csv", spells: directory.path + "/s.csv",
        definition: EmploymentDefinition(), absences: directory.path + "/a.csv",
        pay: (directory.path + "/pay.csv", "kr")))
  }

  @Test("rows are read as written, and absences from no job are counted and left out")
  func reading() throws {
    let files = try read(
      absences:
        "id,establishment,start,end,kind,percent,paid\nA,7,2020-05-01,2020-05-31,permisjon,50,ja\n"
        + "A,7,2020-06-01,,furlough,100,\nB,7,2020-06-01,,leave,100,no\nA,8,2020-06-01,,leave,100,no\n",
      pay: "id,month,kr\nA,2020-04,1000.5\nA,2020-05-15,-20\n")
    #expect(files.absences.count == 2 && files.absences.isPaid == [true, false])
    #expect(files.absences.kind == [.leave, .furlough])
    #expect(files.warnings.map(\.found) == ["2 absences from no job of their participant that counts"])
    #expect(files.pay?.amount == [1000.5, -20])
  }

  @Test("amounts whose points may separate thousands stop the run, where commas are not the delimiter")
  func amountsInDoubt() throws {
    let absences = "id,establishment,start,end,kind,percent,paid\nA,7,2020-05-01,2020-05-31,leave,50,yes\n"
    do {
      _ = try read(absences: absences, pay: "id;month;kr\nA;2020-04;800\nA;2020-05;21.500\n")
      Issue.record("read")
    } catch let error as DataError {
      #expect(error.problems.count == 1)
      #expect("\(error)".contains("pay.csv:3:kr: a point before three digits"), "\(error)")
    }
    #expect(
      try read(absences: absences, pay: "id;month;kr\nA;2020-04;800\nA;2020-05;21.50\n").pay?.amount
        == [800, 21.5])
    #expect(try read(absences: absences, pay: "id,month,kr\nA,2020-05,21.500\n").pay?.amount == [21.5])
  }

  @Test("every fault of both files with its line")
  func faults() throws {
    do {
      _ = try read(
        absences:
          "id,establishment,start,end,kind,percent,paid\nC,7,2020-05-02,2020-05-01,ferie,101,x\n"
          + "A,7,1.5.2020,,,-1,no\n",
        pay: "id,month,kr\nC,mai,x\nA,2020-04,\n")
      Issue.record("read")
    } catch let error as DataError {
      let found = error.problems.map { String($0.description.dropFirst(directory.path.count + 1)) }
      #expect(
        found.map { $0.prefix { $0 != " " } } == [
          "a.csv:2:id:", "a.csv:3:start:", "a.csv:2:kind:", "a.csv:3:kind:", "a.csv:3:percent:",
          "a.csv:2:percent:", "a.csv:2:paid:", "a.csv:2:end:", "pay.csv:2:id:", "pay.csv:2:month:",
          "pay.csv:2:kr:",
        ])
      #expect(!found.joined().contains("ferie") && error.exitCode == 65)
    }
  }
}
