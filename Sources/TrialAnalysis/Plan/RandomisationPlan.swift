import ModelFormula
import Randomisation
import TrialData

/// How a trial was randomised: what its allocations are audited against and drawn again by.
public struct RandomisationPlan: Sendable, Equatable {
  /// Nil: permuted blocks where sizes are stated or show in the list, else stratified or complete.
  public var design: AllocationDesign?
  public var strata: [Placed<String>]
  /// The column of the date of randomisation.
  public var date: Placed<String>?
  /// The column of the date of the baseline measurement.
  public var baselineDate: Placed<String>?
  /// The column that orders the list; the file's own order where nil.
  public var order: Placed<String>?
  /// The block sizes; inferred from the list where empty.
  public var blocks: [Int]
  /// The factors of minimisation; the strata where empty.
  public var factors: [Placed<String>]
  /// The probability of the best-balancing arm under minimisation.
  public var probability: Double
  /// The days on which participants could be randomised.
  public var window: ClosedRange<Int32>?
  /// How many allocations are drawn.
  public var draws: Int

  /// The design of a plan that states none.
  static let unstated = RandomisationPlan(
    design: nil, strata: [], date: nil, baselineDate: nil, order: nil, blocks: [], factors: [],
    probability: 0.8, window: nil, draws: 10_000)

  private init(
    design: AllocationDesign?, strata: [Placed<String>], date: Placed<String>?, baselineDate: Placed<String>?,
    order: Placed<String>?, blocks: [Int], factors: [Placed<String>], probability: Double,
    window: ClosedRange<Int32>?, draws: Int
  ) {
    self.design = design
    self.strata = strata
    self.date = date
    self.baselineDate = baselineDate
    self.order = order
    self.blocks = blocks
    self.factors = factors
    self.probability = probability
    self.window = window
    self.draws = draws
  }

  /// Reads the plan's key `randomisation`.
  init(_ mapping: YAMLMapping, arms: ArmPlan?) {
    self = .unstated
    design = mapping.choice("design", AllocationDesign.self)
    strata = mapping.names("strata")
    date = mapping.text("date")
    baselineDate = mapping.text("baseline-date")
    order = mapping.text("order")
    draws = mapping.integer("draws", atLeast: 99) ?? draws
    let unit = arms.flatMap { TrialArms($0.arms.map(\.code.value), ratio: $0.arms.map(\.ratio)).blockUnit }
    for size in mapping.names("blocks") {
      if let number = Int(size.value), number > 1, unit.map({ number % $0 == 0 }) ?? true {
        blocks.append(number)
      } else {
        let multiples = unit.map { "a multiple of \($0)" } ?? "a whole number"
        mapping.faults.note(
          "found '\(size.value)'", expected: "\(multiples) expected as the size of a block", at: size.place)
      }
    }
    if !blocks.isEmpty, let design, design != .permutedBlock {
      mapping.faults.note(
        "blocks in a design that has none (\(design.rawValue))", expected: "design: permuted-block expected",
        at: mapping.place(of: "blocks"))
    }
    if let minimisation = mapping.mapping("minimisation") {
      factors = minimisation.names("factors")
      probability = minimisation.number("probability") ?? probability
      if !(probability > 0 && probability <= 1) {
        mapping.faults.note(
          "found \(probability)", expected: "a probability above 0, at most 1 expected",
          at: minimisation.place(of: "probability"))
        probability = 1
      }
      minimisation.finish()
    }
    if design == .minimisation, factors.isEmpty, strata.isEmpty {
      mapping.faults.note("minimisation without factors", expected: "their names expected", at: mapping.place)
    }
    window = mapping.mapping("window").flatMap(Self.window)
    mapping.finish()
  }

  private static func window(_ mapping: YAMLMapping) -> ClosedRange<Int32>? {
    func day(_ key: String) -> Int32? {
      guard let text = mapping.requiredText(key) else { return nil }
      if let day = CalendarDay(iso: text.value) { return day.number }
      mapping.faults.note(
        "found '\(text.value)'", expected: "a date such as 2020-03-01 expected", at: text.place)
      return nil
    }
    let (from, to) = (day("from"), day("to"))
    mapping.finish()
    guard let from, let to else { return nil }
    if from <= to { return from...to }
    mapping.faults.note(
      "a window that ends before it begins", expected: "from before to expected", at: mapping.place)
    return nil
  }
}
