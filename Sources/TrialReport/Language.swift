import TrialAnalysis

/// The language of a report.
///
/// The raw value is what `--lang` takes and what the `lang` attribute of a page holds.
public enum Language: String, Sendable, CaseIterable {
  case english = "en"
  /// Norwegian bokmål.
  case norwegian = "nb"

  /// The text of a label in this language.
  public func text(_ label: Label) -> String {
    switch self {
    case .english: label.english
    case .norwegian: label.norwegian
    }
  }

  /// A word of the report in this language.
  func text(_ term: Term) -> String { text(term.label) }
}
