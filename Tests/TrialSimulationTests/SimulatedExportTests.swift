import ModelFormula
import TestSupport
import Testing
import TrialSimulation

@Suite("Simulated exports")
struct SimulatedExportTests {
  @Test("the same seed gives the same bytes, another seed others")
  func determinism() {
    let model = EmploymentTrialModel()
    let a = SimulatedExport(model, seed: 1).files
    let b = SimulatedExport(model, seed: 1).files
    let c = SimulatedExport(model, seed: 2).files
    #expect(a.map(\.text) == b.map(\.text))
    #expect(a[0].text != c[0].text)
    #expect(a.map(\.name) == ["participants.csv", "spells.csv", "pay.csv", "questionnaires.csv"])
  }

  @Test("a person's spells do not depend on who else takes part")
  func keyedStreams() {
    var model = EmploymentTrialModel()
    let people = model.drawParticipants(seed: 5)
    let spells = model.drawSpells(of: people[3], index: 3, seed: 5)
    model.participants = 400
    #expect(model.drawSpells(of: people[3], index: 3, seed: 5) == spells)
  }

  @Test("arms stay within half the largest block of balance in every unit")
  func allocation() {
    let people = EmploymentTrialModel().drawParticipants(seed: 11)
    var balance: [String: Int] = [:]
    for person in people {
      balance[person.unit, default: 0] += person.isTreated ? 1 : -1
      #expect(abs(balance[person.unit]!) <= 3)
    }
    #expect(people.count == 202)
  }

  @Test("large simulated trials have the marginals they were told")
  func marginals() {
    var model = EmploymentTrialModel()
    model.participants = 20_000
    model.withdrawal = 0
    model.death = 0
    let people = model.drawParticipants(seed: 3)
    var worked = [0.0, 0.0]
    var n = [0.0, 0.0]
    for (i, person) in people.enumerated() {
      let arm = person.isTreated ? 1 : 0
      let end = person.inclusion.adding(months: 18)
      n[arm] += 1
      let jobs = model.drawSpells(of: person, index: i, seed: 3).filter {
        $0.hourlyPay > 0 && $0.start >= person.inclusion && $0.start < end
      }
      if !jobs.isEmpty { worked[arm] += 1 }
    }
    // Three standard errors of a proportion of 10 000 are 0.015; the mean over prognosis adds an approximation.
    expectClose(worked[0] / n[0], 0.344, absolute: 0.03)
    expectClose(worked[1] / n[1], 0.396, absolute: 0.03)
  }

  @Test("spells respect the calendar: no end before its start, none open that ended before the extract")
  func spells() {
    let model = EmploymentTrialModel()
    for (i, person) in model.drawParticipants(seed: 8).enumerated() {
      for spell in model.drawSpells(of: person, index: i, seed: 8) {
        if let end = spell.end { #expect(end >= spell.start) }
      }
    }
  }
}
