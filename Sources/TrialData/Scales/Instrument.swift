/// The questionnaires and the fidelity scale that hekta knows.
///
/// Item wordings are not shipped; a codebook names the columns in the instrument's order.
public enum Instrument: String, Sendable, CaseIterable {
  /// Alcohol Use Disorders Identification Test (Saunders et al. 1993, doi 10.1111/j.1360-0443.1993.tb02093.x): items 1–8 from 0
  /// to 4, items 9 and 10 either 0, 2 or 4; sum 0–40.
  case audit = "AUDIT"
  /// Drug Use Disorders Identification Test (Berman et al. 2005, doi 10.1159/000081413): items 1–9 from 0 to 4, items 10 and 11
  /// either 0, 2 or 4; sum 0–44. (A public page prints the two ranges the other way round; the maximum settles it.)
  case dudit = "DUDIT"
  /// Hopkins Symptom Checklist, ten items from 1 to 4; mean, 1.85 and above symptomatic (Strand et al. 2003, doi
  /// 10.1080/08039480310000932).
  case hscl10 = "HSCL-10"
  /// Supported Employment Fidelity Scale (Bond et al. 2012, doi 10.1176/appi.ps.201100476): 25 items from 1 to 5; sum 25–125.
  /// Three of staffing, eight of organisation, fourteen of services, in this order.
  case ips25 = "IPS-25"
  /// EQ-5D-5L: five dimensions from 1 to 5 as a profile, and a visual analogue scale. No value set is shipped, hence no index.
  case eq5d5l = "EQ-5D-5L"

  /// The answers of each item, in order.
  var answers: [Scale.Answers] {
    switch self {
    case .audit: Array(repeating: .whole(0...4), count: 8) + Array(repeating: .values([0, 2, 4]), count: 2)
    case .dudit: Array(repeating: .whole(0...4), count: 9) + Array(repeating: .values([0, 2, 4]), count: 2)
    case .hscl10: Array(repeating: .whole(1...4), count: 10)
    case .ips25: Array(repeating: .whole(1...5), count: 25)
    case .eq5d5l: Array(repeating: .whole(1...5), count: 5)
    }
  }

  var method: Scale.Method {
    switch self {
    case .audit, .dudit, .ips25: .sum
    case .hscl10: .mean
    case .eq5d5l: .profile
    }
  }

  var label: Wording {
    switch self {
    case .audit: Wording("AUDIT sum", nb: "AUDIT-sum")
    case .dudit: Wording("DUDIT sum", nb: "DUDIT-sum")
    case .hscl10: Wording("HSCL-10 mean", nb: "HSCL-10, gjennomsnitt")
    case .ips25: Wording("IPS fidelity sum", nb: "IPS-kvalitetsskår")
    case .eq5d5l: Wording("EQ-5D-5L profile", nb: "EQ-5D-5L-profil")
    }
  }

  var bands: [Scale.Band] {
    func band(_ from: Double, _ english: String, _ norwegian: String) -> Scale.Band {
      Scale.Band(from: from, label: Wording(english, nb: norwegian))
    }
    return switch self {
    case .audit:
      [
        band(0, "zone I", "sone I"), band(8, "zone II", "sone II"), band(16, "zone III", "sone III"),
        band(20, "zone IV", "sone IV"),
      ]
    case .ips25:
      [
        band(25, "not supported employment", "ikke IPS"), band(74, "fair", "noenlunde"),
        band(100, "good", "god"), band(115, "exemplary", "svært god"),
      ]
    case .dudit, .hscl10, .eq5d5l: []
    }
  }

  var cutOffs: [Scale.CutOff] {
    switch self {
    case .audit:
      [
        .init(
          name: "hazardous", limit: .all(8), label: Wording("Hazardous drinking", nb: "Risikofylt drikking")),
        .init(
          name: "dependence", limit: .bySex(women: 13, men: 15),
          label: Wording("Likely alcohol dependence", nb: "Sannsynlig alkoholavhengighet")),
      ]
    case .dudit:
      [
        .init(
          name: "problems", limit: .bySex(women: 2, men: 6),
          label: Wording("Drug-related problems", nb: "Rusrelaterte problemer")),
        .init(
          name: "dependence", limit: .all(25),
          label: Wording("Likely drug dependence", nb: "Sannsynlig avhengighet")),
      ]
    case .hscl10:
      [
        .init(
          name: "symptomatic", limit: .all(1.85), label: Wording("Mental distress", nb: "Psykiske plager"))
      ]
    case .ips25, .eq5d5l: []
    }
  }

  /// The parts that have sums of their own.
  var parts: [Scale.Part] {
    guard self == .ips25 else { return [] }
    return [
      .init(
        name: "staffing", items: 0..<3,
        label: Wording("IPS fidelity: staffing", nb: "IPS-kvalitet: bemanning")),
      .init(
        name: "organisation", items: 3..<11,
        label: Wording("IPS fidelity: organisation", nb: "IPS-kvalitet: organisering")),
      .init(
        name: "services", items: 11..<25,
        label: Wording("IPS fidelity: services", nb: "IPS-kvalitet: tjenester")),
    ]
  }

  /// The name of the score's column where the codebook gives none.
  var defaultName: String {
    switch self {
    case .audit: "audit"
    case .dudit: "dudit"
    case .hscl10: "hscl10"
    case .ips25: "ips25"
    case .eq5d5l: "eq5d5l"
    }
  }
}
