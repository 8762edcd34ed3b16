import ArgumentParser
import ModelFitting
import ModelFormula

/// `hekta fit MODEL 'FORMULA' --data FILE.csv`: one model on one file.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fits one model to one CSV file.",
    discussion: """
      Examples:
        hekta fit glm 'link ~ treat + age' --data help.csv --family binomial --exponentiate
        hekta fit cox 'Surv(dayslink, link) ~ treat' --data help.csv --zph
        hekta fit lmm 'y ~ arm*visit + (1|id)' --data long.csv --ddf kenward-roger --emmeans 'pairwise ~ arm | visit'

      Models:
      \(ModelCatalogue.entries.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      """)

  @Argument(help: ArgumentHelp("The model.", valueName: "model"))
  var model: String

  @Argument(help: ArgumentHelp("The formula, with R's names: 'y ~ a*b + (1|g)'.", valueName: "formula"))
  var formula: String

  @Option(help: ArgumentHelp("The CSV file.", valueName: "file"))
  var data: String

  @OptionGroup(title: "Data") var reading: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Conventions") var profile: ConventionOptions
  @OptionGroup(title: "Inference") var inference: InferenceOptions
  @OptionGroup(title: "Bootstrap") var resampling: BootstrapOptions
  @OptionGroup(title: "Models") var special: ModelSpecificOptions
  @OptionGroup(title: "Event times") var survival: SurvivalArguments

  func run() throws {
    let entry = try usage { try ModelCatalogue.entry(model) }
    var options = FitOptions()
    options.confidenceLevel = output.confidenceLevel
    options.filter = reading.filter
    options.conventions = profile.conventions
    options.alsoConventions = profile.also
    try inference.apply(to: &options)
    try special.apply(to: &options)
    try survival.apply(to: &options)
    try resampling.apply(to: &options)
    let columns = DataLoading.columns(
      formulas: [formula] + [special.against].compactMap { $0 },
      conditions: [reading.filter].compactMap { $0 },
      names: [
        inference.weights, inference.cluster, inference.imputed, inference.standardise, special.id,
        options.frailty?.variable, options.equalBaseline?.arm, options.equalBaseline?.visit,
      ] + resampling.columns,
      made: options.survival.cuts.isEmpty ? [] : ["episode"])
    let table = try DataLoading.table(at: data, reading: reading, columns: columns)
    if let file = inference.predict {
      options.predict = try DataLoading.table(at: file, reading: reading)
    }
    if let file = survival.changes {
      options.survival.changes = try DataLoading.table(at: file, reading: plainReading(of: reading))
    }
    let request = ModelRequest(formula: formula, data: table, options: options)
    var report = try DataLoading.reportingProblems(in: data, of: table) {
      try entry.fitWhole(request)
    }
    if let file = survival.residualsOut { try Output.write(report.takeResiduals(), to: file) }
    switch output.format {
    case .text: try Output.write(report.text(level: output.confidenceLevel), to: output.out)
    case .json: try Output.write(report.json, to: output.out)
    case .csv: try Output.write(report.csv, to: output.out)
    case .markdown: try Output.write(report.markdown(level: output.confidenceLevel), to: output.out)
    }
    for warning in report.allWarnings { Terminal.note("warning: \(warning)") }
  }
}

/// How a second file is read: as the first, without what names the first one's columns.
private func plainReading(of reading: DataOptions) -> DataOptions {
  var plain = reading
  plain.levels = []
  plain.factor = []
  plain.filter = nil
  return plain
}

/// Turns a request that cannot be carried out into a usage error.
func usage<T>(_ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch let error as FitRequestError {
    throw CommandFailure(.usage, error.description)
  }
}
