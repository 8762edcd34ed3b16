import Glibc
import ModelFormula
import Probability

/// A person of a simulated trial, with everything that later files are drawn from.
public struct SimulatedParticipant: Sendable, Equatable {
  public let id: String
  /// The arm: true for the treatment.
  public let isTreated: Bool
  public let inclusion: CalendarDay
  public let unit: String
  public let section: String
  public let isFemale: Bool
  public let age: Int
  /// The main substance in treatment.
  public let substance: String
  /// In opioid agonist treatment.
  public let agonist: Bool
  /// Completed upper secondary school or more.
  public let educated: Bool
  /// Years in paid work before inclusion.
  public let workYears: Int
  /// The standardised prognosis that the covariates carry for finding work.
  public let prognosis: Double
  public let withdrawn: CalendarDay?
  public let died: CalendarDay?
  public let includedByError: Bool
  /// The unit's place among the model's.
  let unitPlace: Int
  /// The substance's place among the model's.
  let substancePlace: Int
}

extension EmploymentTrialModel {
  /// Draws the participants in the order of their inclusion.
  ///
  /// Arms come from permuted blocks within units; each person's traits come from a stream of their own.
  public func drawParticipants(seed: UInt64, replicate: Int = 0) -> [SimulatedParticipant] {
    var entry = RandomStream(seed: seed, purpose: "simulate/inclusion", replicate: replicate)
    let span = Int(lastInclusion.number - firstInclusion.number) + 1
    let shares = units.map(\.weight)
    let arrivals = (0..<participants).map { _ in
      (day: entry.integer(below: span), unit: entry.category(weights: shares))
    }.sorted { ($0.day, $0.unit) < ($1.day, $1.unit) }
    let arms = allocate(arrivals.map(\.unit), seed: seed, replicate: replicate)
    let width = max(3, String(participants).utf8.count)
    let traits = RandomStream(seed: seed, purpose: "simulate/participant", replicate: replicate)
    return arrivals.indices.map { i in
      var stream = traits.ofUnit(i)
      return person(
        id: Self.id(i + 1, width: width), isTreated: arms[i], unitPlace: arrivals[i].unit,
        inclusion: firstInclusion.adding(days: arrivals[i].day), &stream)
    }
  }

  /// A participant's identifier: the number behind a P, with zeros before it up to a width.
  private static func id(_ number: Int, width: Int) -> String {
    String(unsafeUninitializedCapacity: width + 1) { bytes in
      var rest = number
      for place in stride(from: width, to: 0, by: -1) {
        bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
      bytes[0] = UInt8(ascii: "P")
      return width + 1
    }
  }

  /// Permuted blocks of randomly chosen sizes within each unit.
  private func allocate(_ unitOfPerson: [Int], seed: UInt64, replicate: Int) -> [Bool] {
    let allocation = RandomStream(seed: seed, purpose: "simulate/allocation", replicate: replicate)
    var streams = units.indices.map { allocation.ofUnit($0) }
    var blocks = [[Bool]](repeating: [], count: units.count)
    return unitOfPerson.map { unit in
      if blocks[unit].isEmpty {
        let size = blockSizes[streams[unit].integer(below: blockSizes.count)]
        blocks[unit] = (0..<size).map { $0 < size / 2 }
        streams[unit].shuffle(&blocks[unit])
      }
      return blocks[unit].removeLast()
    }
  }

  static let substances = ["alcohol", "opioids", "cannabis", "stimulants", "other"]
  private static let opioids = 1
  private static let substancesOfTheYoung: [Double] = [1, 1, 6, 3, 1]
  private static let substancesOfOthers: [Double] = [6, 5, 3, 4, 1]

  private func person(
    id: String, isTreated: Bool, unitPlace: Int, inclusion: CalendarDay, _ stream: inout RandomStream
  ) -> SimulatedParticipant {
    let unit = units[unitPlace]
    let isYoung = unit.section == "youth"
    let isFemale = stream.bernoulli(0.28)
    let age =
      isYoung
      ? min(28, max(18, Int(stream.normal(mean: 23, sd: 2.6).rounded())))
      : min(65, max(18, Int(stream.normal(mean: 37, sd: 9.5).rounded())))
    let substancePlace = stream.category(
      weights: isYoung ? Self.substancesOfTheYoung : Self.substancesOfOthers)
    let agonist = substancePlace == Self.opioids && stream.bernoulli(0.8)
    let educated = stream.bernoulli(isYoung ? 0.30 : 0.48)
    let years = max(0, min(Double(age - 17), stream.normal(mean: 0.35 * Double(age - 17), sd: 4)))
    let workYears = Int(years.rounded())
    let raw =
      0.9 * (educated ? 0.55 : -0.45) + 0.07 * (Double(workYears) - 6) - 0.03 * Double(age - 35)
      - (agonist ? 0.7 : -0.2)
    let prognosis = max(-2.5, min(2.5, raw / 0.85))
    let length = Int(inclusion.adding(months: windowMonths).number - inclusion.number)
    let fate = stream.uniform()
    let day = 1 + stream.integer(below: length - 1)
    let withdrawn = fate < withdrawal ? inclusion.adding(days: day) : nil
    let died = fate >= withdrawal && fate < withdrawal + death ? inclusion.adding(days: day) : nil
    let error = fate >= withdrawal + death && fate < withdrawal + death + self.error
    return SimulatedParticipant(
      id: id, isTreated: isTreated, inclusion: inclusion, unit: unit.name, section: unit.section,
      isFemale: isFemale, age: age, substance: Self.substances[substancePlace], agonist: agonist,
      educated: educated, workYears: workYears, prognosis: prognosis, withdrawn: withdrawn, died: died,
      includedByError: error, unitPlace: unitPlace, substancePlace: substancePlace)
  }
}
