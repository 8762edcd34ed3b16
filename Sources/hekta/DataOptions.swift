import ArgumentParser
import ModelFitting
import ModelFormula

/// The options that say how a CSV file is read: shared by `fit` and `test`.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("na"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A text that stands for missing (repeatable; an empty field and NA always do).", valueName: "string"))
  var missing: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The field delimiter: auto, a comma, a semicolon or tab.", valueName: "mark"))
  var delimiter = "auto"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The decimal mark: . or , or auto, which stops where a column can be read with either.",
      valueName: "mark"))
  var decimal = "auto"

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "VAR=a,b,\"c, d\": the order of a categorical variable's levels, the first the reference (repeatable).",
      valueName: "levels"))
  var levels: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A numeric variable to take as categorical (repeatable).", valueName: "var"))
  var factor: [String] = []

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp(
      "Keep the rows for which an expression holds, such as 'time > 0 & arm != \"none\"'.", valueName: "expr")
  )
  var filter: String?
}

/// The options that say how a result is printed: shared by `fit` and `test`.
struct OutputOptions: ParsableArguments {
  /// The forms a result can be printed in.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv, markdown }

  @Option(help: "The form of the result.")
  var format = Format.text

  @Option(name: .customLong("conf-level"), help: "The confidence level of limits, between 0 and 1.")
  var confidenceLevel = 0.95

  @Option(help: ArgumentHelp("Write the result to a file instead of standard output.", valueName: "file"))
  var out: String?

  func validate() throws {
    guard confidenceLevel > 0, confidenceLevel < 1 else {
      throw ValidationError(
        "--conf-level: found \(confidenceLevel), expected a number between 0 and 1, such as 0.95")
    }
  }
}

extension ConventionProfile: ExpressibleByArgument {}

/// The options that say whose defaults decide what a request leaves open: shared by `fit` and `test`.
struct ConventionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take what is left open (ties, corrections, limits, degrees of freedom) as this software does.",
      valueName: "software"))
  var conventions: ConventionProfile?

  @Option(
    help: ArgumentHelp(
      "Set the numbers of this software's conventions beside, and mark those that print differently.",
      valueName: "software"))
  var also: ConventionProfile?
}
