/// A questionnaire's score: which items it has, which answers they allow, and how they make a number.
public struct Scale: Sendable, Equatable {
  /// The answers that an item allows.
  public enum Answers: Sendable, Equatable {
    /// Whole numbers from the smallest to the largest.
    case whole(ClosedRange<Int>)
    /// These numbers.
    case values([Double])

    func allow(_ value: Double) -> Bool {
      switch self {
      case .whole(let range):
        value == value.rounded() && Double(range.lowerBound)...Double(range.upperBound) ~= value
      case .values(let values): values.contains(value)
      }
    }

    /// Smallest plus largest, from which a reversed answer is subtracted.
    var reflection: Double {
      switch self {
      case .whole(let range): Double(range.lowerBound + range.upperBound)
      case .values(let values): (values.min() ?? 0) + (values.max() ?? 0)
      }
    }

    var text: String {
      switch self {
      case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
      case .values(let values): "one of \(values.map(NumberWriter.text).joined(separator: ", "))"
      }
    }
  }

  /// One item.
  public struct Item: Sendable, Equatable {
    public var column: String
    public var answers: Answers
    /// True where a high answer means little of what the scale measures.
    public var isReversed: Bool

    public init(column: String, answers: Answers, isReversed: Bool = false) {
      self.column = column
      self.answers = answers
      self.isReversed = isReversed
    }
  }

  /// How answers make a score.
  public enum Method: String, Sendable, Equatable, CaseIterable {
    /// The sum; with unanswered items, where the scale allows them, the mean of the answered times the number of items.
    case sum
    /// The mean of the answered items.
    case mean
    /// The answers side by side, as `11213`: a health state, not a number.
    case profile
  }

  /// A range of scores with a name.
  public struct Band: Sendable, Equatable {
    /// The smallest score in it.
    public var from: Double
    public var label: Wording
  }

  /// A score from which on something holds.
  public struct CutOff: Sendable, Equatable {
    /// The limit, which may depend on sex.
    public enum Limit: Sendable, Equatable {
      case all(Double)
      case bySex(women: Double, men: Double)
    }

    /// What the column is called: the scale's name, an underscore and this.
    public var name: String
    public var limit: Limit
    public var label: Wording
  }

  /// Items next to each other that have a sum of their own beside the score.
  public struct Part: Sendable, Equatable {
    /// What the column is called: the scale's name, an underscore and this.
    public var name: String
    /// The places of its items.
    public var items: Range<Int>
    public var label: Wording
  }

  /// The column that tells sex and its levels.
  public struct Sex: Sendable, Equatable {
    public var column: String
    public var women: String
    public var men: String
  }

  /// The name of the score's column.
  public var name: String
  public var label: Wording
  public var method: Method
  public var items: [Item]
  /// The fewest answered items for a score.
  public var minimumAnswered: Int
  /// By rising limit.
  public var bands: [Band]
  public var cutOffs: [CutOff]
  /// Parts with sums of their own, in the order of the items.
  public var parts: [Part] = []
  public var sex: Sex?
  /// A visual analogue scale from 0 to 100 that goes with the items.
  public var visualAnalogue: String?

  /// The columns that scoring reads.
  var columns: [String] { items.map(\.column) + [sex?.column, visualAnalogue].compactMap { $0 } }

  /// The score of one person's answers (NaN where unanswered); nil where too few are answered.
  ///
  /// - Precondition: as many answers as items, and a method that makes a number.
  public func score(_ answers: [Double]) -> Double? {
    precondition(answers.count == items.count && method != .profile, "answers that do not fit the scale")
    var sum = 0.0
    var answered = 0
    for (item, answer) in zip(items, answers) where !answer.isNaN {
      sum += item.isReversed ? item.answers.reflection - answer : answer
      answered += 1
    }
    guard answered > 0, answered >= minimumAnswered else { return nil }
    switch method {
    case .sum: return answered == items.count ? sum : sum / Double(answered) * Double(items.count)
    case .mean: return sum / Double(answered)
    case .profile: preconditionFailure("a profile is no number")
    }
  }

  /// The sum of a part's items, reversed ones turned round; nil where one of them is unanswered.
  ///
  /// - Precondition: as many answers as items.
  public func score(_ answers: [Double], of part: Part) -> Double? {
    precondition(answers.count == items.count, "answers that do not fit the scale")
    var sum = 0.0
    for i in part.items {
      if answers[i].isNaN { return nil }
      sum += items[i].isReversed ? items[i].answers.reflection - answers[i] : answers[i]
    }
    return sum
  }

  /// The band that a score is in; nil below the first.
  ///
  /// Scores that come from division are compared with a margin of 1e-9, so that a limit written in decimals includes itself.
  public func band(of score: Double) -> Int? { bands.lastIndex { score >= $0.from - 1e-9 } }

  /// True where a score reaches a limit; see `band(of:)` for the margin.
  static func reaches(_ score: Double, _ limit: Double) -> Bool { score >= limit - 1e-9 }
}
