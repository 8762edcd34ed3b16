import TrialData
import Yams

/// The generative model that a plan names for studies of its own properties: power, bias, coverage.
public struct SimulationPlan: Sendable, Equatable {
  /// Where simulated trials come from.
  public enum Model: String, Sendable, CaseIterable {
    /// The model of employment trials that `hekta simulate` draws from.
    case employment
    /// The trial's own data with the arms drawn anew: no effect, and everything else as it was.
    case rerandomise
  }

  public var model: Model
  /// The columns within which arms are drawn anew.
  public var strata: [Placed<String>]
  /// Parameters by their path below `simulate`, such as `treatment.any-work`.
  public var parameters: [Parameter]
  public var place: YAMLPlace

  /// A parameter with its value.
  public struct Parameter: Sendable, Equatable {
    public var name: Placed<String>
    public var value: Double
  }

  init?(_ root: YAMLMapping) {
    guard let mapping = root.mapping("simulate") else { return nil }
    place = mapping.place
    model = mapping.choice("model", Model.self) ?? .employment
    mapping.require("model")
    strata = model == .rerandomise ? mapping.names("strata") : []
    parameters = []
    let own = ["model", "strata"]
    for key in mapping.keys where !own.contains(key.value) { Self.read(key, of: mapping, "", &parameters) }
    mapping.finish()
  }

  private static func read(
    _ key: Placed<String>, of mapping: YAMLMapping, _ prefix: String, _ parameters: inout [Parameter]
  ) {
    if case .mapping? = mapping.node(key.value), let inner = mapping.mapping(key.value) {
      for name in inner.keys { read(name, of: inner, prefix + key.value + ".", &parameters) }
      inner.finish()
    } else if let value = mapping.number(key.value) {
      parameters.append(
        Parameter(name: Placed(value: prefix + key.value, place: key.place), value: value))
    }
  }
}
