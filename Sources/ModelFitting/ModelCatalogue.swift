import LinearAlgebra
import ModelFormula

/// A request to fit one model to one table.
public struct ModelRequest: Sendable {
  /// The formula as written.
  public var formula: String
  /// The table; only the columns the formula and the options name need be in it.
  public var data: DataFrame
  public var options: FitOptions

  public init(formula: String, data: DataFrame, options: FitOptions = FitOptions()) {
    self.formula = formula
    self.data = data
    self.options = options
  }
}

/// The models of `hekta fit` by name.
public enum ModelCatalogue {
  /// One model: its name, what it is, and how a request becomes a report.
  public struct Entry: Sendable {
    /// The name on the command line.
    public let name: String
    /// What it is, for the help text.
    public let summary: String
    private let make: @Sendable (ModelRequest) throws -> ModelReport

    public init(
      _ name: String, _ summary: String, fit: @escaping @Sendable (ModelRequest) throws -> ModelReport
    ) {
      self.name = name
      self.summary = summary
      make = fit
    }

    /// Fits a request, with the options it leaves open as its conventions have them, and beside it the same request
    /// under the other conventions it asks for.
    public func fit(_ request: ModelRequest) throws -> ModelReport {
      var report = try fit(request, under: request.options.conventions)
      if let other = request.options.alsoConventions {
        let second = try fit(request, under: other)
        report.comparison = ConventionComparison(
          report.json, other: second.json, profile: other, conventions: second.conventions)
      }
      return report
    }

    private func fit(_ request: ModelRequest, under profile: ConventionProfile?) throws -> ModelReport {
      do {
        return try made(request, under: profile)
      } catch let error as LinearAlgebraError {
        // What a model does not foresee: numbers beyond those that a computer has, or of very different sizes.
        throw FitRequestError.notEstimable(
          "the model cannot be computed from these numbers (\(error)): look at the size of each variable")
      }
    }

    private func made(_ request: ModelRequest, under profile: ConventionProfile?) throws -> ModelReport {
      guard let profile else { return try make(request) }
      var filled = request
      filled.options = request.options.following(profile, model: name, formula: request.formula)
      var report = try make(filled)
      report.conventions.insert(("profile", profile.rawValue), at: 0)
      if let departure = profile.departures(model: name) { report.warnings.append(departure) }
      return report
    }
  }

  /// The entry with a name.
  ///
  /// - Throws: `FitRequestError.unknownModel`, naming the nearest models.
  public static func entry(_ name: String) throws(FitRequestError) -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknownModel(
        name, nearest: nearest(to: name, among: entries.map(\.name)), all: entries.map(\.name))
    }
    return entry
  }
}

/// A request that cannot be carried out as it is written (exit 64 on the command line).
public enum FitRequestError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No model has this name.
  case unknownModel(String, nearest: [String], all: [String])
  /// An option has no meaning for the model.
  case optionWithoutMeaning(option: String, model: String)
  /// An option's value is not one of those it takes.
  case badValue(option: String, value: String, expected: String)
  /// The model cannot be fitted to these data: why, and what to look at.
  case notEstimable(String)

  public var description: String {
    switch self {
    case .unknownModel(let name, let nearest, let all):
      "there is no model \"\(name)\""
        + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?")
        + " Models: \(all.joined(separator: ", "))"
    case .optionWithoutMeaning(let option, let model): "\(option) has no meaning for \(model)"
    case .badValue(let option, let value, let expected):
      "\(option): found \"\(value)\", expected \(expected)"
    case .notEstimable(let reason): reason
    }
  }
}
