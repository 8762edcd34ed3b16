import ArgumentParser
import ModelFitting
import ModelFormula

/// The options of `hekta fit` that only models of event times have.
struct SurvivalArguments: ParsableArguments {
  @Option(help: ArgumentHelp("cox: firth, which keeps every hazard ratio finite.", valueName: "kind"))
  var penalty: SurvivalOptions.Penalty?

  @Option(
    name: .customLong("predict-type"),
    help: ArgumentHelp(
      "cox: what --predict prints: risk, lp, expected, survival (at --times).", valueName: "kind"))
  var prediction: SurvivalOptions.Prediction?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "cox: add martingale, deviance, score, dfbeta, dfbetas, schoenfeld or scaled-schoenfeld residuals (repeatable).",
      valueName: "kind"))
  var residuals: [SurvivalOptions.Residual] = []

  @Option(
    name: .customLong("residuals-out"),
    help: ArgumentHelp("cox: write the residuals to a CSV file instead of the result.", valueName: "file"))
  var residualsOut: String?

  @Option(
    help: ArgumentHelp(
      "cox: several events of a person (--id): ag, pwp-total or pwp-gap.", valueName: "model"))
  var recurrent: SurvivalOptions.Recurrent?

  @Option(
    name: .customLong("max-event"),
    help: ArgumentHelp(
      "cox --recurrent: the event number from which on events share a stratum.", valueName: "n"))
  var greatestEvent: Int?

  @Option(
    help: ArgumentHelp(
      "logrank: the weights: logrank, gehan, tarone-ware, peto, modified-peto, fleming-harrington or maxcombo.",
      valueName: "test"))
  var kind: SurvivalOptions.LogRankFamily?

  @Option(
    name: .customLong("fh"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "logrank: Fleming-Harrington exponents p,q (repeatable for maxcombo).", valueName: "p,q"))
  var exponents: [String] = []

  @Flag(help: "logrank: test a trend over the groups in their order.")
  var trend = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("logrank: the groups' scores for a trend.", valueName: "a,b,c"))
  var scores: String?

  @Option(help: ArgumentHelp("logrank --kind maxcombo: two.sided, less or greater.", valueName: "side"))
  var alternative: SurvivalOptions.Alternative?

  @Option(
    help: ArgumentHelp("km: quantiles of the time beside the median, such as 0.25,0.75.", valueName: "p"))
  var quantiles: String?

  @Option(
    name: .customLong("quantile-rule"),
    help: ArgumentHelp(
      "km: a quantile where the curve is flat: r (midpoint), sas, first (S <= 1-p), below (S < 1-p).",
      valueName: "rule"))
  var quantileRule: SurvivalOptions.QuantileRule?

  @Flag(help: "rmst: regress the restricted mean on covariates by pseudo-values (--link identity or log).")
  var pseudo = false

  @Option(
    help: ArgumentHelp(
      "Follow only those at risk at this time, from it on; who is dropped is reported.", valueName: "time"))
  var landmark: Double?

  @Option(
    name: .customLong("split-at"),
    help: ArgumentHelp(
      "Split persons' time at these times; the column `episode` numbers the parts.", valueName: "times"))
  var cuts: String?

  @Option(
    help: ArgumentHelp(
      "A CSV file of covariates that change: the --id column, time, and the new values from just after it.",
      valueName: "file"))
  var changes: String?

  /// Fills the fields of the request, all but the table of changes.
  func apply(to options: inout FitOptions) throws {
    options.survival.penalty = penalty
    options.survival.prediction = prediction
    options.survival.residuals = residuals
    if residualsOut != nil, residuals.isEmpty {
      throw ValidationError("--residuals-out: expected --residuals KIND, which says what to write")
    }
    options.survival.recurrent = recurrent
    if let greatestEvent {
      guard greatestEvent > 0, recurrent == .pwpTotal || recurrent == .pwpGap else {
        throw ValidationError("--max-event: expected a number from 1, with --recurrent pwp-total or pwp-gap")
      }
    }
    options.survival.greatestEvent = greatestEvent
    options.survival.test = kind
    options.survival.exponents = try exponents.map(exponentPair)
    options.survival.trend = trend
    options.survival.scores = try numberList(scores, option: "--scores")
    options.survival.alternative = alternative
    options.survival.quantiles = try numberList(quantiles, option: "--quantiles")
    guard options.survival.quantiles.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw ValidationError("--quantiles: expected numbers between 0 and 1")
    }
    options.survival.quantileRule = quantileRule
    options.survival.pseudo = pseudo
    options.survival.landmark = landmark
    options.survival.cuts = try numberList(cuts, option: "--split-at").sorted()
  }

  private func exponentPair(_ text: String) throws -> SurvivalOptions.Exponents {
    let pair = try numberList(text, option: "--fh")
    guard pair.count == 2, pair.allSatisfy({ $0 >= 0 }) else {
      throw ValidationError("--fh: found \"\(text)\", expected two numbers of at least 0, such as 0,1")
    }
    return SurvivalOptions.Exponents(p: pair[0], q: pair[1])
  }
}

/// The numbers of a list separated by commas; none without one.
func numberList(_ list: String?, option: String) throws -> [Double] {
  guard let list else { return [] }
  return try list.split(separator: ",").map { part in
    let text = String(part).trimmingBlanks
    guard let value = Double(text), value.isFinite else {
      throw ValidationError("\(option): found \"\(text)\", expected numbers separated by commas")
    }
    return value
  }
}

extension SurvivalOptions.Penalty: ExpressibleByArgument {}
extension SurvivalOptions.Prediction: ExpressibleByArgument {}
extension SurvivalOptions.Residual: ExpressibleByArgument {}
extension SurvivalOptions.Recurrent: ExpressibleByArgument {}
extension SurvivalOptions.LogRankFamily: ExpressibleByArgument {}
extension SurvivalOptions.Alternative: ExpressibleByArgument {}
extension SurvivalOptions.QuantileRule: ExpressibleByArgument {}
