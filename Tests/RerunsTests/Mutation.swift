import Foundation
import Reruns
import Serialisation
import Testing

/// One change to one ingredient of the HELP run, and the cause that must be named for whatever it changes.
struct Mutation: Sendable, CustomTestStringConvertible {
  var name: String
  var kind: Ingredient.Kind
  /// A part of the cause's text.
  var cause: String
  /// The key of a changed row, where the data were changed.
  var key: String?
  /// Changes the trial, carries it out and gives the folder of the run.
  var apply: @Sendable (TrialCopy) throws -> RunFolder

  var testDescription: String { name }

  /// True for every fifth, whose cause is found by reruns; a single cause needs no more than hashes, which the others get.
  var isRepeated: Bool { (Self.all.firstIndex { $0.name == name } ?? 0) % 5 == 0 }

  /// A change of a participant's value.
  static func data(_ column: String, of id: String, to value: String, in file: String = "help_baseline.csv")
    -> Mutation
  {
    Mutation(name: "\(column) of \(id)", kind: .data, cause: file, key: id) { trial in
      try trial.set(column, of: id, to: value, in: file)
      return try trial.carryOut()
    }
  }

  /// A change of a text of the plan or the codebook.
  static func text(
    _ kind: Ingredient.Kind, _ cause: String, _ old: String, _ new: String, in file: String = "plan.yml"
  ) -> Mutation {
    Mutation(name: cause, kind: kind, cause: cause) { trial in
      try trial.replace(old, with: new, in: file)
      return try trial.carryOut()
    }
  }

  /// A change of what is no input: the record of the run says so, and a number has another last digit.
  static func machine(_ kind: Ingredient.Kind, _ cause: String, _ old: String, _ new: String) -> Mutation {
    Mutation(name: cause, kind: kind, cause: cause) { trial in
      let folder = try trial.carryOut().path
      func edit(_ file: String, _ change: (String) throws -> String) throws {
        let path = folder + "/" + file
        try change(String(contentsOfFile: path, encoding: .utf8)).write(
          toFile: path, atomically: true, encoding: .utf8)
      }
      try edit("run.json") { text in
        guard let place = text.range(of: old) else { throw TrialCopy.NotThere(text: old) }
        return text.replacingCharacters(in: place, with: new)
      }
      try edit("results.json") { text in
        let digits = try #require(text.range(of: #""estimate": 4\.78\d+"#, options: .regularExpression))
        return text.replacingCharacters(in: digits, with: text[digits].replacing("4.78", with: "4.79"))
      }
      return try RunFolder(path: folder)
    }
  }

  static let all: [Mutation] = [
    // Data.
    .data("age", of: "1", to: "38"), .data("link", of: "3", to: "yes"),
    .data("dayslink", of: "1", to: "224.0"), .data("homeless", of: "1", to: "homeless"),
    .data("substance", of: "2", to: "missing"), .data("pcs", of: "2", to: "36.5"),
    .data("treat", of: "2", to: "no"), .data("female", of: "1", to: "1"),
    .data("CES_D", of: "1", to: "48", in: "help_followup.csv"),
    Mutation(name: "a row gone", kind: .data, cause: "help_followup.csv", key: "1") { trial in
      try trial.rows(of: "help_followup.csv") { _, rows in
        rows.remove(at: try #require(rows.firstIndex { $0[0] == "1" && $0[1] == "6" }))
      }
      return try trial.carryOut()
    },
    // Codebook.
    .text(
      .codebook, "files[baseline].columns[substance].levels[cocaine].label", "{en: Cocaine, nb",
      "{en: Crack, nb",
      in: "codebook.yml"),
    .text(
      .codebook, "files[baseline].columns[age].label", "en: Age, nb", "en: Age at entry, nb",
      in: "codebook.yml"),
    .text(
      .codebook, "files[baseline].columns[homeless].levels: another order",
      """
                - {value: housed, label: {en: Housed, nb: Med bolig}}
                - {value: homeless, label: {en: Homeless one night or more, nb: Bostedsløs minst én natt}}

      """,
      """
                - {value: homeless, label: {en: Homeless one night or more, nb: Bostedsløs minst én natt}}
                - {value: housed, label: {en: Housed, nb: Med bolig}}

      """, in: "codebook.yml"),
    // Plan.
    .text(
      .plan, "analyses[linkage-risk].variants[all-randomised].missing", "missing: non-event\n",
      "missing: event\n"),
    .text(.plan, "confidence-level", "confidence-level: 0.95", "confidence-level: 0.9"),
    .text(
      .plan, "sets[randomised].exclude", "nb: Alle randomiserte deltakere}\n",
      """
      nb: Alle randomiserte deltakere}
          exclude: [{id: young, reason: Younger than twenty, where: age < 20}]

      """),
    .text(.plan, "analyses[linkage-km].times", "times: [90, 180, 365]", "times: [90, 180, 300]"),
    .text(.plan, "analyses[linkage-risk].nnt", "    nnt: true\n", ""),
    .text(.plan, "analyses[cesd-lmm].formula", "CES_D ~ arm*visit + (1|ID)", "CES_D ~ arm + visit + (1|ID)"),
    .text(.plan, "tables[baseline]", "  - {id: baseline, of: baseline}\n", ""),
    .text(.plan, "analyses[linkage-cox].title", "title: {en: Hazard of linkage", "title: {en: Hazard"),
    // Conventions.
    .text(.conventions, "analyses[linkage-cox].ties: efron → breslow", "ties: efron", "ties: breslow"),
    .text(.conventions, "analyses[linkage-cox].ph-transform", "ph-transform: km", "ph-transform: rank"),
    .text(.conventions, "analyses[linkage-km].limits", "limits: log\n", "limits: log-log\n"),
    .text(.conventions, "analyses[linkage-risk].difference", "difference: newcombe", "difference: wald"),
    .text(.conventions, "analyses[cesd-lmm].reml", "reml: true", "reml: false"),
    .text(.conventions, "rounding.ratio", "ratio: 2", "ratio: 3"),
    // Seed and language.
    Mutation(name: "seed", kind: .seed, cause: "seed: 2003 → 7") { try $0.carryOut(7) },
    Mutation(name: "language", kind: .language, cause: "language: en → nb") {
      try $0.carryOut(language: "nb")
    },
    // Software and machine.
    .machine(.software, "software: hekta", #""version": ""#, #""version": "9."#),
    .machine(.platform, "platform: Linux", #""machine": ""#, #""machine": "other-"#),
    .machine(.blas, "BLAS: ", #""kernels": ""#, #""kernels": "Other"#),
  ]
}
