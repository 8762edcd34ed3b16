import Serialisation
import TestSupport
import Testing

/// One quantity on the public HELP trial under the defaults of R, SAS and Stata: what the command line gives for each
/// profile is what the documented definition gives (`docs/conventions.md`).
///
/// The numbers of R are R's (4.2.2; survival, lme4, geepack, MASS, sandwich). SAS and Stata were not run: where they differ,
/// R was asked for their definition, such as `ties = "breslow"`, `var.equal = TRUE`, `correct = FALSE`.
struct ConventionCase: Sendable, CustomTestStringConvertible {
  let name: String
  let arguments: [String]
  /// Where in the JSON the number stands; a row of an array by one of its texts or its place.
  let path: String
  let r: Double
  let sas: Double
  let stata: Double
  var tolerance = 1e-9

  var testDescription: String { name }

  private static let baseline = ["--data", Fixture.path("help/help_baseline.csv")]
  private static let followUp = ["--data", Fixture.path("help/help_followup.csv"), "--where", "TIME > 0"]
  private static let gee =
    ["fit", "gee", "G1B ~ GROUP + TIME"] + followUp + ["--id", "ID", "--family", "binomial"]

  static let all: [ConventionCase] = [
    ConventionCase(
      name: "ties of a Cox model: Efron, Breslow",
      arguments: ["fit", "cox", "Surv(dayslink, link) ~ treat"] + baseline,
      path: "coefficients/treatyes/estimate", r: 1.56513649078, sas: 1.56223321412, stata: 1.56223321412),
    ConventionCase(
      name: "limits of a survival curve: log, log-log",
      arguments: ["fit", "km", "Surv(dayslink, link) ~ treat"] + baseline + ["--times", "180"],
      path: "strata/treat=no/at/0/conf.low", r: 0.836550395937, sas: 0.827494212357, stata: 0.827494212357),
    ConventionCase(
      name: "a linear mixed model: REML, ML",
      arguments: ["fit", "lmm", "CES_D ~ GROUP + TIME + (1 | ID)"] + followUp,
      path: "coefficients/GROUP/std.error", r: 1.30552506761, sas: 1.30552506761, stata: 1.30204554366,
      tolerance: 1e-7),
    ConventionCase(
      name: "two means: Welch, pooled", arguments: ["test", "t", "cesd ~ treat"] + baseline, path: "p.value",
      r: 0.678727007216, sas: 0.678726979948, stata: 0.678726979948),
    ConventionCase(
      name: "a table: Yates, Pearson", arguments: ["test", "chisq", "homeless ~ treat"] + baseline,
      path: "p.value", r: 0.355133996051, sas: 0.309084648066, stata: 0.309084648066),
    ConventionCase(
      name: "ranks: corrected for continuity or not",
      arguments: ["test", "wilcoxon", "d1 ~ treat"] + baseline,
      path: "p.value", r: 0.202410776763, sas: 0.202410776763, stata: 0.202288288084),
    ConventionCase(
      name: "tables in strata: corrected or not",
      arguments: ["test", "cmh", "homeless ~ treat | sex"] + baseline, path: "p.value", r: 0.348344055106,
      sas: 0.30276425449, stata: 0.30276425449),
    ConventionCase(
      name: "working correlation of a GEE that names none: independence, exchangeable", arguments: gee,
      path: "coefficients/GROUP/estimate", r: 0.0790509285688, sas: 0.0790509285688, stata: 0.0526829864827),
    ConventionCase(
      name: "moments of a GEE: over n, over n - p", arguments: gee + ["--corstr", "independence"],
      path: "fit/scale", r: 1.00045105191, sas: 1.00348578716, stata: 1.00045105191),
    ConventionCase(
      name: "a risk difference: corrected Wald, Wald",
      arguments: ["test", "proportions", "--x", "131,36", "--n", "232,215"], path: "difference/conf.low",
      r: 0.311732118296, sas: 0.316212872105, stata: 0.316212872105),
    ConventionCase(
      name: "a single risk: Wilson, Wald, exact",
      arguments: ["test", "proportions", "--x", "167", "--n", "447"], path: "risk/0/conf.low",
      r: 0.330011229508, sas: 0.328755754086, stata: 0.328603589244),
    ConventionCase(
      name: "limits of an odds ratio: profile, Wald",
      arguments: ["fit", "glm", "link ~ treat + age"] + baseline + ["--family", "binomial"],
      path: "coefficients/treatyes/conf.low", r: 1.49507609904, sas: 1.48500383611, stata: 1.48500383611,
      tolerance: 1e-8),
    ConventionCase(
      name: "the odds ratio beside Fisher's test: conditional, of the sample",
      arguments: ["test", "fisher", "homeless ~ treat"] + baseline, path: "estimate", r: 1.2066473167,
      sas: 1.20713141026, stata: 1.20713141026),
    // glmer's optimiser is five digits from the maximum; SAS's pseudo-likelihood is not computed, and the result says so.
    ConventionCase(
      name: "likelihood of a random intercept: Laplace, 7 points",
      arguments: ["fit", "glmm", "G1B ~ GROUP + TIME + (1 | ID)"] + followUp + ["--family", "binomial"],
      path: "coefficients/GROUP/estimate", r: 0.0614606815108, sas: 0.0614606815108, stata: 0.0857236033034,
      tolerance: 2e-4),
    ConventionCase(
      name: "information of a negative binomial model: expected, observed",
      arguments: ["fit", "negbin", "d1 ~ treat + age"] + baseline, path: "coefficients/treatyes/std.error",
      r: 0.10979584382, sas: 0.11053908658, stata: 0.11053908658, tolerance: 1e-7),
    ConventionCase(
      name: "dispersion of a normal model: Pearson, maximum likelihood",
      arguments: ["fit", "glm", "cesd ~ treat + age"] + baseline, path: "coefficients/treatyes/std.error",
      r: 1.15532073859, sas: 1.15162764207, stata: 1.15532073859),
    ConventionCase(
      name: "a bare robust error: HC3, HC0, HC1",
      arguments: ["fit", "lm", "cesd ~ treat + age"] + baseline + ["--robust"],
      path: "coefficients/treatyes/std.error", r: 1.157864222, sas: 1.15047190087, stata: 1.15416129111),
    ConventionCase(
      name: "degrees of freedom beside clusters: n - k, G - 1",
      arguments: ["fit", "lm", "cesd ~ treat + age"] + baseline + ["--cluster", "racegrp"],
      path: "coefficients/treatyes/p.value", r: 0.679908840514, sas: 0.707451861993, stata: 0.707451861993),
  ]

  /// The number at a path.
  static func number(_ report: JSONValue, _ path: String) -> Double? {
    var place: JSONValue? = report
    for part in path.split(separator: "/").map(String.init) {
      if let rows = place?.elements, !rows.isEmpty {
        if let index = Int(part) {
          place = rows.indices.contains(index) ? rows[index] : nil
        } else {
          place = rows.first { row in row.members.contains { $0.value.text == part } }
        }
      } else {
        place = place?[part]
      }
    }
    return place?.double
  }
}

@Suite("Conventions on the command line")
struct ConventionCommandTests {
  private func report(_ arguments: [String]) throws -> JSONValue {
    let outcome = try HektaProcess.run(arguments + ["--format", "json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)
  }

  @Test("each profile has its software's number", arguments: ConventionCase.all)
  func profiles(_ one: ConventionCase) throws {
    for (profile, expected) in [("r", one.r), ("sas", one.sas), ("stata", one.stata)] {
      let found = try report(one.arguments + ["--conventions", profile])
      #expect(found["conventions"]?["profile"]?.text == profile)
      expectClose(
        try #require(ConventionCase.number(found, one.path)), expected, relative: one.tolerance,
        because: "\(profile): \(one.name)")
    }
  }

  @Test("--also sets the other profile's numbers beside, and marks those that print differently")
  func also() throws {
    let fit = try report([
      "fit", "cox", "Surv(dayslink, link) ~ treat", "--data", Fixture.path("help/help_baseline.csv"),
      "--conventions", "r", "--also", "sas",
    ])
    let also = try #require(fit["also"])
    #expect(also["profile"]?.text == "sas")
    #expect(also["conventions"]?["ties"]?.text == "breslow")
    let estimate = try #require(
      also["rows"]?.elements.first {
        $0["row"]?.text == "treatyes" && $0["quantity"]?.text == "estimate"
      })
    expectClose(estimate["value"]!.double!, 1.56513649078, relative: 1e-9)
    expectClose(estimate["other"]!.double!, 1.56223321412, relative: 1e-9)
    #expect(estimate["differs"] == .bool(true))

    let counts = ["test", "proportions", "--x", "131,36", "--n", "232,215"]
    let text = try HektaProcess.run(counts + ["--conventions", "sas", "--also", "r"])
    #expect(text.status == 0)
    #expect(text.output.contains("under the conventions of r:") && text.output.contains("≠"))
    // Nothing to mark where both profiles agree.
    let same = try report([
      "fit", "lm", "cesd ~ treat + age", "--data", Fixture.path("help/help_baseline.csv"), "--conventions",
      "r",
      "--also", "stata",
    ])
    #expect(same["also"]?["differing"] == .integer(0))
  }

  @Test("a profile that does not exist, or with a model of no profile, is a usage error")
  func refusal() throws {
    let outcome = try HektaProcess.run([
      "test", "proportions", "--x", "1", "--n", "9", "--conventions", "spss",
    ])
    #expect(outcome.status == 64 && outcome.output.isEmpty)
  }

  /// R 4.2.2: the arms' means of `d1`, Σ(y − ȳ)²/n² for their squared errors, and the delta method on the log ratio.
  @Test("fit twopart: hospital stays, four in five patients with any")
  func twoPart() throws {
    let line = ["fit", "twopart", "d1 ~ treat", "--data", Fixture.path("help/help_baseline.csv")]
    let found = try report(line)
    func row(_ section: String, _ measure: String, _ level: String) -> JSONValue? {
      found[section]?.elements.first { $0["measure"]?.text == measure && $0["level"]?.text == level }
    }
    func check(_ row: JSONValue?, _ expected: KeyValuePairs<String, Double>) throws {
      for (name, value) in expected {
        expectClose(try #require(row?[name]?.double), value, relative: 1e-9, because: name)
      }
    }
    try check(row("marginal", "mean", "no"), ["estimate": 3.71914893617])
    try check(row("marginal", "mean", "yes"), ["estimate": 2.47659574468])
    try check(row("marginal", "difference", "yes"), ["estimate": -1.24255319149, "std.error": 0.5697057941])
    try check(
      row("marginal", "ratio", "yes"),
      ["estimate": 0.66590389016, "conf.low": 0.482170200312, "conf.high": 0.919650344719])
    try check(row("positive", "risk", "no"), ["estimate": 0.812765957447])
    expectClose(try #require(found["fit"]?["shareZero"]?.double), 0.197872340426, relative: 1e-11)
    // The bootstrap beside it is of the same quantities, and the same at every run.
    let resampled = try #require(row("bootstrap", "difference", "yes"))
    expectClose(resampled["estimate"]!.double!, -1.24255319149, relative: 1e-9)
    expectClose(
      resampled["std.error"]!.double!, 0.5697057941, relative: 0.1,
      because: "a thousand draws know an error to 2 %")
    #expect(try report(line) == found)
    let text = try HektaProcess.run(line)
    #expect(text.output.contains("marginal") && text.output.contains("bootstrap rows within treat"))
  }
}
