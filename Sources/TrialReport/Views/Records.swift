import TrialAnalysis

/// Records of one analysis, looked up by what they say; order is kept.
struct Records: Sendable {
  let all: [Result]

  init(_ analysis: CompletedAnalysis) { all = analysis.results }
  init(_ all: [Result]) { self.all = all }

  /// The records that agree with everything given.
  func of(
    _ measure: Result.Measure, term: String? = nil, group: String? = nil, variant: String?? = nil
  ) -> [Result] {
    all.filter { record in
      record.measure == measure && (term == nil || record.term == term)
        && (group == nil || record.group == group) && (variant == nil || record.variant == variant!)
    }
  }

  /// The first record that agrees.
  func first(
    _ measure: Result.Measure, term: String? = nil, group: String? = nil, variant: String?? = nil
  ) -> Result? {
    of(measure, term: term, group: group, variant: variant).first
  }

  /// The parts of the analysis in their order; `[nil]` where there is one part.
  var variants: [String?] { all.map(\.variant).unique }

  /// The terms of records of a measure in their order.
  func terms(_ measures: [Result.Measure]) -> [String] {
    all.filter { measures.contains($0.measure) }.compactMap(\.term).unique
  }
}

extension Array where Element: Hashable {
  /// The elements without repetition, in the order of their first occurrence.
  var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension String {
  /// The text with a capital letter and a full stop.
  var asSentence: String {
    let text = prefix(1).uppercased() + dropFirst()
    return text.last.map { ".!?".contains($0) } == true ? text : text + "."
  }
}

extension Result {
  /// The convention of a name.
  func convention(_ name: String) -> String? { conventions.first { $0.name == name }?.choice }
}
