import Foundation
import Serialisation
import Testing

@testable import Reruns

@Suite("Differences between runs and their causes")
struct RunDifferenceTests {
  @Test("A single change of one ingredient is named as the cause of every change", arguments: Mutation.all)
  func singleCause(_ mutation: Mutation) throws {
    let base = try HelpTrial.base.get()
    let trial = try TrialCopy()
    let changed = try mutation.apply(trial)
    var options = RunDifference.Options()
    options.reruns = mutation.isRepeated
    let difference = try RunDifference(base.folder, changed, options: options)
    try #require(!difference.changes.isEmpty)
    #expect(difference.basis == (mutation.isRepeated ? .reruns : .hashes))
    #expect(difference.ingredients.count == 1)
    for change in difference.changes {
      #expect(change.causes == [0] && !change.isAmbiguous)
    }
    let cause = try #require(difference.ingredients.first)
    #expect(cause.kind == mutation.kind)
    #expect(cause.text.contains(mutation.cause), "\(cause.text)")
    if let key = mutation.key {
      let rows = try #require(difference.files.first).rows
      #expect(rows.map(\.key) == [key])
    }
  }

  @Test("Thirty or so mutations, no two alike")
  func mutations() {
    #expect(Mutation.all.count >= 30)
    #expect(Set(Mutation.all.map(\.name)).count == Mutation.all.count)
  }

  @Test("Numbers among the conventions have the digits that tell them apart, and whole numbers all")
  func conventionDigits() {
    func text(_ old: JSONValue, _ new: JSONValue) -> String {
      FieldChange(name: "conventions", old: ["x": old, "ties": "efron"], new: ["x": new, "ties": "efron"])
        .text
    }
    #expect(text("0.010264896762872055", "0.010150096048515671") == "x 0.0103 → 0.0102")
    #expect(text("123.1731", "123.0851") == "x 123.173 → 123.085")
    #expect(text("3.46325", "3.46325000001") == "x 3.46325 → 3.46325000001")
    #expect(text("20200301", "7") == "x 20200301 → 7")
    #expect(text("efron", "0.5") == "x efron → 0.5")
  }

  @Test("Two runs of the same ingredients do not differ")
  func none() throws {
    let base = try HelpTrial.base.get()
    let difference = try RunDifference(base.folder, try base.trial.carryOut())
    #expect(difference.changes.isEmpty)
    #expect(difference.text.isEmpty)
  }

  @Test("Layout and comments of a plan are no change")
  func layout() throws {
    let base = try HelpTrial.base.get()
    let trial = try TrialCopy()
    try trial.replace("ties: efron", with: "ties: efron # Efron's", in: "plan.yml")
    #expect(try RunDifference(base.folder, try trial.carryOut()).changes.isEmpty)
  }

  @Test("Of several changed ingredients each change has its own")
  func several() throws {
    let base = try HelpTrial.base.get()
    let trial = try TrialCopy()
    try trial.set("CES_D", of: "1", to: "48", in: "help_followup.csv")
    try trial.replace("ties: efron", with: "ties: breslow", in: "plan.yml")
    try trial.replace("ratio: 2", with: "ratio: 3", in: "plan.yml")
    let difference = try RunDifference(base.folder, try trial.carryOut(7))
    #expect(difference.ingredients.map(\.kind) == [.data, .conventions, .conventions, .seed])
    var causes: [String: Set<[Int]>] = [:]
    for change in difference.changes {
      guard case .record(let record) = change.subject else { continue }
      causes[String(record.id.prefix { $0 != "." && $0 != "/" }), default: []].insert(change.causes)
    }
    let places = Dictionary(
      uniqueKeysWithValues: difference.ingredients.enumerated().map { ($0.element.text, $0.offset) })
    let ties = try #require(places.first { $0.key.contains("ties") }).value
    #expect(
      causes == [
        "cesd-lmm": [[0]], "linkage-cox": [[ties]], "pcs-means": [[3]], "randomisation": [[3]],
      ])
    // A cell of the Cox model's table changes by its ties and by its rounding.
    #expect(difference.changes.contains { $0.causes.count == 2 })
  }

  @Test("A changed value is told by its key, line and column, and never by itself")
  func privacy() throws {
    let base = try HelpTrial.base.get()
    let trial = try TrialCopy()
    try trial.set("pcs", of: "2", to: "36.515151", in: "help_baseline.csv")
    let difference = try RunDifference(base.folder, try trial.carryOut())
    #expect(difference.files.first?.rows.map(\.text) == ["2 (line 3): pcs"])
    for text in [difference.text, difference.json.text(indented: false)] {
      #expect(!text.contains("36.515151") && !text.contains("36.0369"))
    }
  }

  @Test("Without the data of a run, hashes name what can be it")
  func hashes() throws {
    let base = try HelpTrial.base.get()
    let trial = try TrialCopy()
    try trial.set("age", of: "1", to: "38")
    try trial.replace("ties: efron", with: "ties: breslow", in: "plan.yml")
    var options = RunDifference.Options()
    options.newData = "/nowhere"
    let difference = try RunDifference(base.folder, try trial.carryOut(), options: options)
    #expect(difference.basis == .hashes)
    #expect(difference.files.first?.note != nil)
    for change in difference.changes {
      guard case .record(let record) = change.subject else { continue }
      if record.id.hasPrefix("linkage-cox") {
        #expect(change.isAmbiguous && change.causes == [0, 1])
      } else {
        #expect(!change.isAmbiguous && change.causes == [0])
      }
    }
  }

  @Test("A file that was edited after its run is not blamed on anything else")
  func edited() throws {
    let base = try HelpTrial.base.get()
    let folder = try base.trial.carryOut()
    let path = folder.path + "/results.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let place = try #require(text.range(of: #""estimate": 4\.78\d+"#, options: .regularExpression))
    try text.replacingCharacters(in: place, with: #""estimate": 4.79"#).write(
      toFile: path, atomically: true, encoding: .utf8)
    let difference = try RunDifference(base.folder, try RunFolder(path: folder.path))
    #expect(difference.ingredients.isEmpty)
    #expect(difference.changes.count == 1)
    #expect(difference.changes[0].causes.isEmpty)
    #expect(difference.text.hasPrefix("unexplained"))
  }

  @Test("A conclusion that crossed is told: an interval over the null, a p-value over alpha")
  func conclusions() {
    func record(_ low: Double, _ high: Double, _ p: Double) -> JSONValue {
      [
        "measure": "hazard-ratio", "conf.low": .number(Optional(low)), "conf.high": .number(Optional(high)),
        "conf.level": 0.95, "p.value": .number(Optional(p)),
      ]
    }
    let crossing = Conclusion.crossing(from: record(1.01, 2, 0.04), to: record(0.99, 2, 0.06))
    #expect(crossing == "the 95% interval now holds 1; p rose over 0.05")
    let back = Conclusion.crossing(from: record(0.99, 2, 0.06), to: record(1.01, 2, 0.04))
    #expect(back == "the 95% interval no longer holds 1; p fell below 0.05")
    #expect(Conclusion.crossing(from: record(1.01, 2, 0.04), to: record(1.2, 3, 0.01)) == nil)
  }
}

@Suite("The keys in which two documents differ")
struct KeyChangeTests {
  private func tree(_ yaml: String) throws -> DocumentTree {
    try DocumentTree(RunDocument(path: "plan.yml", text: yaml))
  }

  @Test("Elements are found by name, wherever they stand, and put back one at a time")
  func elements() throws {
    let old = try tree("a: [{id: x, k: 1}, {id: y, k: 2}]\nb: no\n")
    let new = try tree("a: [{id: z, k: 3}, {id: y, k: 2, l: [p, q]}, {id: x, k: 4}]\n")
    let changes = KeyChange.between(old, new)
    #expect(
      changes.map(\.text) == [
        "a[x].k: 1 → 4", "a[y].l: new (p, q)", "a[z]: new", "a: another order", "b: gone (no)",
      ])
    // One after another they turn the first into the second.
    let all = try changes.reduce(old) { try #require($1.applied(to: $0)) }
    #expect(KeyChange.between(all, new).isEmpty)
    // And one alone changes nothing else.
    let one = try #require(changes[0].applied(to: old))
    #expect(KeyChange.between(old, one) == [changes[0]])
  }

  @Test("A path is read as it is written")
  func paths() throws {
    let text = "analyses[linkage-cox].variants[a.b].covariates"
    #expect(DocumentPath(parsing: text)?.description == text)
    #expect(DocumentPath(parsing: "a[b") == nil)
    #expect(DocumentPath(parsing: "a..b") == nil)
  }

  @Test("A tree is a document that reads back the same")
  func document() throws {
    let old = try tree("a: {en: \"Mean, \\\"x\\\"\", nb: 'æøå – 1 %'}\nb: [no, 1.0, ~]\n")
    #expect(try DocumentTree(old.document(path: "copy.yml")) == old)
  }
}
