/// A language that reports can be written in.
public enum Language: String, Sendable, CaseIterable {
  case english = "en"
  /// Norwegian bokmål.
  case norwegian = "nb"
}

extension Label {
  /// The wording in a language.
  public subscript(language: Language) -> String {
    switch language {
    case .english: english
    case .norwegian: norwegian
    }
  }
}

extension AnalysisRun {
  /// An analysis set and its size.
  public struct AnalysisSetSize: Sendable, Equatable {
    public var id: String
    public var label: Label
    /// The participants in the set.
    public var count: Int

    public init(id: String, label: Label, count: Int) {
      self.id = id
      self.label = label
      self.count = count
    }
  }

  /// An estimand by its five attributes, in the plan's words (ICH E9(R1), section A.3.1).
  public struct Estimand: Sendable, Equatable {
    /// An event after randomisation that affects the outcome or its meaning, and the strategy chosen for it.
    public struct IntercurrentEvent: Sendable, Equatable {
      public var event: Label
      public var strategy: Label

      public init(event: Label, strategy: Label) {
        self.event = event
        self.strategy = strategy
      }
    }

    public var id: String
    public var label: Label
    public var treatment: Label?
    public var population: Label?
    public var variable: Label?
    public var intercurrentEvents: [IntercurrentEvent]
    /// The population-level summary measure.
    public var summary: Label?

    public init(id: String, label: Label) {
      self.id = id
      self.label = label
      intercurrentEvents = []
    }
  }

  /// A table or figure to make.
  public struct Output: Sendable, Equatable {
    public enum Form: String, Sendable, CaseIterable { case table, figure }
    public var form: Form
    /// The name of the file without its ending.
    public var id: String
    /// The analyses it shows, by id; a table may join several of one kind.
    public var analyses: [String]
    /// The title; the analysis's own where nil.
    public var title: Label?

    public init(form: Form, id: String, analyses: [String], title: Label? = nil) {
      self.form = form
      self.id = id
      self.analyses = analyses
      self.title = title
    }
  }

  /// How numbers are rounded when written.
  public struct Rounding: Sendable, Equatable {
    /// Where a half goes. Both rules look at the shortest decimal that reads back as the number, so that 2.675 is a
    /// half in both.
    public enum Ties: String, Sendable, CaseIterable {
      /// Away from zero, as SAS does.
      case away
      /// To the even digit, as R does.
      case even
    }

    public var ties: Ties = .away
    public var percentDecimals = 1
    public var meanDecimals = 1
    /// Decimals of ratios.
    public var ratioDecimals = 2
    public var pDecimals = 3

    public init() {}
  }
}
