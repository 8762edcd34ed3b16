import LinearAlgebra
import Probability

/// Multiple imputation of numeric variables by Bayesian linear regression, under missingness at random.
///
/// Variables are imputed in the order given, each from the complete predictors and from the variables before it where
/// missingness is monotone (Rubin 1987, section 5.4; SAS `MONOTONE REG`), else from all others in cycles (chained
/// equations: van Buuren, Stat Methods Med Res 2007;16:219, doi 10.1177/0962280206074463; R `mice(method = "norm")`).
/// Impute the arms apart, or give the arm among the predictors.
public struct MultipleImputation: Sendable {
  /// A variable to impute.
  public struct Variable: Sendable {
    /// Its name, which also names its random streams.
    public var name: String
    /// Its values, NaN where missing.
    public var values: [Double]

    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// The number of imputations.
  public var imputations = 20
  /// Cycles through the variables where missingness is not monotone.
  public var cycles = 10
  /// The run's seed.
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// The completed data of each imputation: for each, one array of values a variable.
  ///
  /// - Parameters:
  ///   - variables: the variables, visits in order of time.
  ///   - predictors: complete covariates as a design with the intercept's column, a row a participant.
  ///   - participants: one distinct identifier a row; it names the participant's random streams.
  /// - Throws: `MissingDataError` where a regression cannot be estimated or an argument is out of range.
  public func impute(_ variables: [Variable], predictors: Matrix, participants: [String])
    throws(MissingDataError) -> [[[Double]]]
  {
    let rows = participants.count
    guard imputations > 0, cycles > 0 else { throw .argument("imputations and cycles must be positive") }
    guard Set(participants).count == rows else { throw .argument("two rows have the same participant") }
    precondition(
      predictors.rows == rows && variables.allSatisfy { $0.values.count == rows },
      "variables and predictors of different length")
    guard predictors.isFinite else { throw .missingPredictor(variable: variables.first?.name ?? "") }
    var completed: [[[Double]]] = []
    for imputation in 0..<imputations {
      completed.append(
        try Self.isMonotone(variables)
          ? monotone(variables, predictors, participants, imputation)
          : chained(variables, predictors, participants, imputation))
    }
    return completed
  }

  /// True where each participant who misses a variable misses all later ones.
  static func isMonotone(_ variables: [Variable]) -> Bool {
    zip(variables, variables.dropFirst()).allSatisfy { earlier, later in
      zip(earlier.values, later.values).allSatisfy { !$0.isNaN || $1.isNaN }
    }
  }

  private func monotone(
    _ variables: [Variable], _ predictors: Matrix, _ participants: [String], _ imputation: Int
  ) throws(MissingDataError) -> [[Double]] {
    var design = predictors
    var result: [[Double]] = []
    for variable in variables {
      let filled = try draw(variable, design, participants, imputation, cycle: 0)
      result.append(filled)
      design = design.appending(columnsOf: Matrix(columns: [filled]))
    }
    return result
  }

  private func chained(
    _ variables: [Variable], _ predictors: Matrix, _ participants: [String], _ imputation: Int
  ) throws(MissingDataError) -> [[Double]] {
    // The first cycle regresses on what is complete so far, so that no arbitrary starting value is needed.
    var result = try monotone(variables, predictors, participants, imputation)
    for cycle in 1...cycles {
      for (j, variable) in variables.enumerated() where variable.values.contains(where: \.isNaN) {
        let others = result.indices.filter { $0 != j }.map { result[$0] }
        let design =
          others.isEmpty ? predictors : predictors.appending(columnsOf: Matrix(columns: others))
        result[j] = try draw(variable, design, participants, imputation, cycle: cycle)
      }
    }
    return result
  }

  private func draw(
    _ variable: Variable, _ design: Matrix, _ participants: [String], _ imputation: Int, cycle: Int
  ) throws(MissingDataError) -> [Double] {
    let missing = variable.values.indices.filter { variable.values[$0].isNaN }
    guard !missing.isEmpty else { return variable.values }
    let model = try LinearImputation(variable: variable.name, values: variable.values, design: design)
    let parameters = model.parameters(imputation: imputation, cycle: cycle, seed: seed)
    var filled = variable.values
    for row in missing {
      filled[row] = model.value(
        participant: participants[row], predictors: design.row(row), parameters: parameters,
        imputation: imputation, cycle: cycle, seed: seed)
    }
    return filled
  }
}
