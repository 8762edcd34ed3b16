/// Records of the HELP trial (Samet et al. 2003; public as R package mosaicData), for the tests of views.
///
/// Computed with R 4.2.2 (survival 3.5-3, lme4 1.1-31, lmerTest 3.1-3, emmeans 1.8.4) from the package's `HELPbase` and
/// `HELPfull`; one record a line, fields in the order of `HelpRun.record`. The balance test's line is made up.
enum HelpRecords {
  static let lines = """
    flow^^count^^^randomised^^470
    flow^^count^no^^allocated^^235
    flow^^count^yes^^allocated^^235
    flow^^count^no^^left=withdrawn^^0
    flow^^count^yes^^left=withdrawn^^0
    flow^^count^no^^followed=6^^119
    flow^^count^yes^^followed=6^^135
    flow^^count^no^^followed=12^^104
    flow^^count^yes^^followed=12^^110
    flow^^count^no^^followed=18^^125
    flow^^count^yes^^followed=18^^128
    flow^^count^no^^followed=24^^126
    flow^^count^yes^^followed=24^^146
    flow^^count^no^^no-outcome^^20
    flow^^count^yes^^no-outcome^^3
    flow^^count^no^^analysed^^215
    flow^^count^yes^^analysed^^232
    randomisation^^count^no^^allocation^^235^^^^^^^^^470
    randomisation^^count^yes^^allocation^^235^^^^^^^^^470
    randomisation^^test^^^allocation^^0.5^^^^^1^^^^470^^exact binomial^^planned allocation=1:1
    randomisation^^smd^^yes - no^age^^-0.1712150017^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^sex^^0.01001905432^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^homeless^^0.09393821053^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^substance^^0.1187^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^racegrp^^0.1284392136^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^pcs^^0.02652975372^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^mcs^^0.02216508564^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^cesd^^-0.03823525068^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^smd^^yes - no^avg_drinks^^-0.1019203252^^^^^^^^^^^^^standardised by=pooled standard deviation
    randomisation^^test^^yes - no^balance^^^^12^^8.41^0.7523259214^^^^470^^Hansen-Bowers d-squared
    randomisation^^count^no^^missing-outcome=link^^20^^^^^^^^^235
    randomisation^^count^yes^^missing-outcome=link^^3^^^^^^^^^235
    randomisation^^test^^yes - no^missing-outcome=link^^^^^^^0.0003584726914^^^^470^23^Fisher's exact
    baseline^^count^no^^participants^^235^^^^^^^^^235
    baseline^^count^no^^age^^235^^^^^^^^^235
    baseline^^mean^no^^age^^36.41702128^^^^^^^^^235
    baseline^^sd^no^^age^^8.099575782^^^^^^^^^235
    baseline^^median^no^^age^^35^^^^^^^^^235^^^^quantile type=7
    baseline^^q1^no^^age^^31^^^^^^^^^235^^^^quantile type=7
    baseline^^q3^no^^age^^41^^^^^^^^^235^^^^quantile type=7
    baseline^^count^no^^age=^^0^^^^^^^^^235
    baseline^^count^no^^sex=female^^56^^^^^^^^^235
    baseline^^count^no^^sex=male^^179^^^^^^^^^235
    baseline^^count^no^^sex=^^0^^^^^^^^^235
    baseline^^count^no^^homeless=homeless^^115^^^^^^^^^235
    baseline^^count^no^^homeless=housed^^120^^^^^^^^^235
    baseline^^count^no^^homeless=^^0^^^^^^^^^235
    baseline^^count^no^^substance=alcohol^^107^^^^^^^^^235
    baseline^^count^no^^substance=cocaine^^70^^^^^^^^^235
    baseline^^count^no^^substance=heroin^^58^^^^^^^^^235
    baseline^^count^no^^substance=missing^^0^^^^^^^^^235
    baseline^^count^no^^substance=^^0^^^^^^^^^235
    baseline^^count^no^^racegrp=black^^109^^^^^^^^^235
    baseline^^count^no^^racegrp=hispanic^^24^^^^^^^^^235
    baseline^^count^no^^racegrp=other^^11^^^^^^^^^235
    baseline^^count^no^^racegrp=white^^91^^^^^^^^^235
    baseline^^count^no^^racegrp=^^0^^^^^^^^^235
    baseline^^count^no^^pcs^^234^^^^^^^^^234
    baseline^^mean^no^^pcs^^47.93268523^^^^^^^^^234
    baseline^^sd^no^^pcs^^10.61850964^^^^^^^^^234
    baseline^^median^no^^pcs^^48.81347466^^^^^^^^^234^^^^quantile type=7
    baseline^^q1^no^^pcs^^40.40984344^^^^^^^^^234^^^^quantile type=7
    baseline^^q3^no^^pcs^^56.94031715^^^^^^^^^234^^^^quantile type=7
    baseline^^count^no^^pcs=^^1^^^^^^^^^235
    baseline^^count^no^^mcs^^234^^^^^^^^^234
    baseline^^mean^no^^mcs^^31.40732604^^^^^^^^^234
    baseline^^sd^no^^mcs^^13.06517588^^^^^^^^^234
    baseline^^median^no^^mcs^^28.25729275^^^^^^^^^234^^^^quantile type=7
    baseline^^q1^no^^mcs^^21.48133278^^^^^^^^^234^^^^quantile type=7
    baseline^^q3^no^^mcs^^40.74523544^^^^^^^^^234^^^^quantile type=7
    baseline^^count^no^^mcs=^^1^^^^^^^^^235
    baseline^^count^no^^cesd^^235^^^^^^^^^235
    baseline^^mean^no^^cesd^^33.09787234^^^^^^^^^235
    baseline^^sd^no^^cesd^^12.53929702^^^^^^^^^235
    baseline^^median^no^^cesd^^35^^^^^^^^^235^^^^quantile type=7
    baseline^^q1^no^^cesd^^24^^^^^^^^^235^^^^quantile type=7
    baseline^^q3^no^^cesd^^41^^^^^^^^^235^^^^quantile type=7
    baseline^^count^no^^cesd=^^0^^^^^^^^^235
    baseline^^count^no^^avg_drinks^^235^^^^^^^^^235
    baseline^^mean^no^^avg_drinks^^19.28510638^^^^^^^^^235
    baseline^^sd^no^^avg_drinks^^20.52785244^^^^^^^^^235
    baseline^^median^no^^avg_drinks^^13^^^^^^^^^235^^^^quantile type=7
    baseline^^q1^no^^avg_drinks^^3^^^^^^^^^235^^^^quantile type=7
    baseline^^q3^no^^avg_drinks^^26^^^^^^^^^235^^^^quantile type=7
    baseline^^count^no^^avg_drinks=^^0^^^^^^^^^235
    baseline^^count^yes^^participants^^235^^^^^^^^^235
    baseline^^count^yes^^age^^235^^^^^^^^^235
    baseline^^mean^yes^^age^^35.08510638^^^^^^^^^235
    baseline^^sd^yes^^age^^7.445040187^^^^^^^^^235
    baseline^^median^yes^^age^^35^^^^^^^^^235^^^^quantile type=7
    baseline^^q1^yes^^age^^30^^^^^^^^^235^^^^quantile type=7
    baseline^^q3^yes^^age^^39.5^^^^^^^^^235^^^^quantile type=7
    baseline^^count^yes^^age=^^0^^^^^^^^^235
    baseline^^count^yes^^sex=female^^55^^^^^^^^^235
    baseline^^count^yes^^sex=male^^180^^^^^^^^^235
    baseline^^count^yes^^sex=^^0^^^^^^^^^235
    baseline^^count^yes^^homeless=homeless^^104^^^^^^^^^235
    baseline^^count^yes^^homeless=housed^^131^^^^^^^^^235
    baseline^^count^yes^^homeless=^^0^^^^^^^^^235
    baseline^^count^yes^^substance=alcohol^^78^^^^^^^^^235
    baseline^^count^yes^^substance=cocaine^^86^^^^^^^^^235
    baseline^^count^yes^^substance=heroin^^70^^^^^^^^^235
    baseline^^count^yes^^substance=missing^^1^^^^^^^^^235
    baseline^^count^yes^^substance=^^0^^^^^^^^^235
    baseline^^count^yes^^racegrp=black^^109^^^^^^^^^235
    baseline^^count^yes^^racegrp=hispanic^^27^^^^^^^^^235
    baseline^^count^yes^^racegrp=other^^17^^^^^^^^^235
    baseline^^count^yes^^racegrp=white^^82^^^^^^^^^235
    baseline^^count^yes^^racegrp=^^0^^^^^^^^^235
    baseline^^count^yes^^pcs^^234^^^^^^^^^234
    baseline^^mean^yes^^pcs^^48.21828411^^^^^^^^^234
    baseline^^sd^yes^^pcs^^10.90997566^^^^^^^^^234
    baseline^^median^yes^^pcs^^49.12578392^^^^^^^^^234^^^^quantile type=7
    baseline^^q1^yes^^pcs^^40.27812672^^^^^^^^^234^^^^quantile type=7
    baseline^^q3^yes^^pcs^^56.94106674^^^^^^^^^234^^^^quantile type=7
    baseline^^count^yes^^pcs=^^1^^^^^^^^^235
    baseline^^count^yes^^mcs^^234^^^^^^^^^234
    baseline^^mean^yes^^mcs^^31.69097719^^^^^^^^^234
    baseline^^sd^yes^^mcs^^12.52350204^^^^^^^^^234
    baseline^^median^yes^^mcs^^28.83045483^^^^^^^^^234^^^^quantile type=7
    baseline^^q1^yes^^mcs^^22.17328787^^^^^^^^^234^^^^quantile type=7
    baseline^^q3^yes^^mcs^^40.59097862^^^^^^^^^234^^^^quantile type=7
    baseline^^count^yes^^mcs=^^1^^^^^^^^^235
    baseline^^count^yes^^cesd^^235^^^^^^^^^235
    baseline^^mean^yes^^cesd^^32.6212766^^^^^^^^^235
    baseline^^sd^yes^^cesd^^12.38990725^^^^^^^^^235
    baseline^^median^yes^^cesd^^33^^^^^^^^^235^^^^quantile type=7
    baseline^^q1^yes^^cesd^^26^^^^^^^^^235^^^^quantile type=7
    baseline^^q3^yes^^cesd^^41^^^^^^^^^235^^^^quantile type=7
    baseline^^count^yes^^cesd=^^0^^^^^^^^^235
    baseline^^count^yes^^avg_drinks^^235^^^^^^^^^235
    baseline^^mean^yes^^avg_drinks^^17.23404255^^^^^^^^^235
    baseline^^sd^yes^^avg_drinks^^19.71226002^^^^^^^^^235
    baseline^^median^yes^^avg_drinks^^12^^^^^^^^^235^^^^quantile type=7
    baseline^^q1^yes^^avg_drinks^^3^^^^^^^^^235^^^^quantile type=7
    baseline^^q3^yes^^avg_drinks^^26^^^^^^^^^235^^^^quantile type=7
    baseline^^count^yes^^avg_drinks=^^0^^^^^^^^^235
    baseline^^count^^^participants^^470^^^^^^^^^470
    baseline^^count^^^age^^470^^^^^^^^^470
    baseline^^mean^^^age^^35.75106383^^^^^^^^^470
    baseline^^sd^^^age^^7.799441573^^^^^^^^^470
    baseline^^median^^^age^^35^^^^^^^^^470^^^^quantile type=7
    baseline^^q1^^^age^^30^^^^^^^^^470^^^^quantile type=7
    baseline^^q3^^^age^^41^^^^^^^^^470^^^^quantile type=7
    baseline^^count^^^age=^^0^^^^^^^^^470
    baseline^^count^^^sex=female^^111^^^^^^^^^470
    baseline^^count^^^sex=male^^359^^^^^^^^^470
    baseline^^count^^^sex=^^0^^^^^^^^^470
    baseline^^count^^^homeless=homeless^^219^^^^^^^^^470
    baseline^^count^^^homeless=housed^^251^^^^^^^^^470
    baseline^^count^^^homeless=^^0^^^^^^^^^470
    baseline^^count^^^substance=alcohol^^185^^^^^^^^^470
    baseline^^count^^^substance=cocaine^^156^^^^^^^^^470
    baseline^^count^^^substance=heroin^^128^^^^^^^^^470
    baseline^^count^^^substance=missing^^1^^^^^^^^^470
    baseline^^count^^^substance=^^0^^^^^^^^^470
    baseline^^count^^^racegrp=black^^218^^^^^^^^^470
    baseline^^count^^^racegrp=hispanic^^51^^^^^^^^^470
    baseline^^count^^^racegrp=other^^28^^^^^^^^^470
    baseline^^count^^^racegrp=white^^173^^^^^^^^^470
    baseline^^count^^^racegrp=^^0^^^^^^^^^470
    baseline^^count^^^pcs^^468^^^^^^^^^468
    baseline^^mean^^^pcs^^48.07548467^^^^^^^^^468
    baseline^^sd^^^pcs^^10.75464711^^^^^^^^^468
    baseline^^median^^^pcs^^48.88762474^^^^^^^^^468^^^^quantile type=7
    baseline^^q1^^^pcs^^40.34895992^^^^^^^^^468^^^^quantile type=7
    baseline^^q3^^^pcs^^56.95343399^^^^^^^^^468^^^^quantile type=7
    baseline^^count^^^pcs=^^2^^^^^^^^^470
    baseline^^count^^^mcs^^468^^^^^^^^^468
    baseline^^mean^^^mcs^^31.54915162^^^^^^^^^468
    baseline^^sd^^^mcs^^12.78428479^^^^^^^^^468
    baseline^^median^^^mcs^^28.55781078^^^^^^^^^468^^^^quantile type=7
    baseline^^q1^^^mcs^^21.66284561^^^^^^^^^468^^^^quantile type=7
    baseline^^q3^^^mcs^^40.64441395^^^^^^^^^468^^^^quantile type=7
    baseline^^count^^^mcs=^^2^^^^^^^^^470
    baseline^^count^^^cesd^^470^^^^^^^^^470
    baseline^^mean^^^cesd^^32.85957447^^^^^^^^^470
    baseline^^sd^^^cesd^^12.45381505^^^^^^^^^470
    baseline^^median^^^cesd^^34^^^^^^^^^470^^^^quantile type=7
    baseline^^q1^^^cesd^^25^^^^^^^^^470^^^^quantile type=7
    baseline^^q3^^^cesd^^41^^^^^^^^^470^^^^quantile type=7
    baseline^^count^^^cesd=^^0^^^^^^^^^470
    baseline^^count^^^avg_drinks^^470^^^^^^^^^470
    baseline^^mean^^^avg_drinks^^18.25957447^^^^^^^^^470
    baseline^^sd^^^avg_drinks^^20.12891988^^^^^^^^^470
    baseline^^median^^^avg_drinks^^13^^^^^^^^^470^^^^quantile type=7
    baseline^^q1^^^avg_drinks^^3^^^^^^^^^470^^^^quantile type=7
    baseline^^q3^^^avg_drinks^^26^^^^^^^^^470^^^^quantile type=7
    baseline^^count^^^avg_drinks=^^0^^^^^^^^^470
    linkage-risk^^risk^no^^^^0.1674418605^^^^^^0.1234684073^0.223090509^0.95^215^36^Wilson score^^limits=Wilson score;missing outcome=excluded
    linkage-risk^^risk^yes^^^^0.5646551724^^^^^^0.5003162154^0.6268878824^0.95^232^131^Wilson score^^limits=Wilson score;missing outcome=excluded
    linkage-risk^^risk-difference^^yes - no^^^0.3972133119^^^^^^0.3121470233^0.4734141963^0.95^447^167^Newcombe hybrid score^^limits=Newcombe hybrid score;missing outcome=excluded
    linkage-risk^^risk-ratio^^yes / no^^^3.372246169^^^^^^2.451798937^4.638245025^0.95^447^167^Katz log^^limits=Katz log;missing outcome=excluded
    linkage-risk^^odds-ratio^^yes / no^^^6.449119912^^^^^^4.144409056^10.03548325^0.95^447^167^Woolf log^^limits=Woolf log;missing outcome=excluded
    linkage-risk^^test^^yes - no^equal-risks^^^^1^^75.23277043^4.183652897e-18^^^^^^Pearson chi-squared
    linkage-logistic^crude^odds-ratio^^yes / no^armyes^^6.449119884^0.2256037829^^^8.262023114^1.432239603e-16^4.144442914^10.03540117^0.95^447^167^logistic regression^y ~ treat^limits=wald
    linkage-logistic^adjusted^odds-ratio^^yes / no^armyes^^7.978528286^0.2428611242^^^8.551199688^1.218156636e-17^4.956772942^12.84241065^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^age^^1.020972823^0.0152361253^^^1.362283419^0.1731084583^0.9909350011^1.05192117^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^female^^0.6305538553^0.2738910753^^^-1.683723027^0.09223520896^0.3686257587^1.078595717^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^homelesshoused^^0.7765000465^0.2283418076^^^-1.107806666^0.2679453207^0.4963369265^1.214804481^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^substancecocaine^^1.088521031^0.2686530957^^^0.3157228552^0.7522128774^0.6429228995^1.842955097^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^substanceheroin^^0.4809599684^0.2985570424^^^-2.45169644^0.0142184554^0.2679024684^0.8634578568^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^substancemissing^^1.254675343e-06^535.411374^^^-0.02537980022^0.979752023^0^^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^pcs^^0.9900359443^0.01104169562^^^-0.90692856^0.364444577^0.9688404307^1.011695156^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-logistic^adjusted^odds-ratio^^^mcs^^1.001851373^0.008919215992^^^0.207379409^0.8357135623^0.9844898602^1.019519058^0.95^445^165^logistic regression^y ~ treat + age + female + homeless + substance + pcs + mcs^limits=wald
    linkage-km^^survival^no^^curve^0^1^^^^^^1^1^0.95^215^0^Kaplan-Meier^^conf-type=log;variance=greenwood
    linkage-km^^survival^no^^curve^9^0.995349^^^^^^0.986295^1^0.95^215^1
    linkage-km^^survival^no^^curve^15^0.990698^^^^^^0.977948^1^0.95^214^1
    linkage-km^^survival^no^^curve^19^0.986047^^^^^^0.970491^1^0.95^213^1
    linkage-km^^survival^no^^curve^21^0.981395^^^^^^0.963499^0.999624^0.95^212^1
    linkage-km^^survival^no^^curve^29^0.976744^^^^^^0.956805^0.997099^0.95^211^1
    linkage-km^^survival^no^^curve^40^0.972093^^^^^^0.950324^0.99436^0.95^210^1
    linkage-km^^survival^no^^curve^41^0.967442^^^^^^0.944007^0.991458^0.95^209^1
    linkage-km^^survival^no^^curve^43^0.95814^^^^^^0.93174^0.985287^0.95^208^2
    linkage-km^^survival^no^^curve^46^0.953488^^^^^^0.925751^0.982057^0.95^206^1
    linkage-km^^survival^no^^curve^49^0.948837^^^^^^0.919838^0.97875^0.95^205^1
    linkage-km^^survival^no^^curve^50^0.939535^^^^^^0.90821^0.971941^0.95^204^2
    linkage-km^^survival^no^^curve^57^0.934884^^^^^^0.902479^0.968452^0.95^202^1
    linkage-km^^survival^no^^curve^64^0.930233^^^^^^0.896796^0.964916^0.95^201^1
    linkage-km^^survival^no^^curve^74^0.925581^^^^^^0.891157^0.961336^0.95^200^1
    linkage-km^^survival^no^^curve^78^0.916279^^^^^^0.879995^0.954059^0.95^199^2
    linkage-km^^survival^no^^curve^89^0.911628^^^^^^0.874467^0.950368^0.95^197^1
    linkage-km^^survival^no^^curve^113^0.906977^^^^^^0.86897^0.946646^0.95^196^1
    linkage-km^^survival^no^^curve^129^0.902326^^^^^^0.863503^0.942894^0.95^195^1
    linkage-km^^survival^no^^curve^136^0.897674^^^^^^0.858063^0.939114^0.95^194^1
    linkage-km^^survival^no^^curve^140^0.893023^^^^^^0.85265^0.935309^0.95^193^1
    linkage-km^^survival^no^^curve^146^0.888372^^^^^^0.84726^0.931479^0.95^192^1
    linkage-km^^survival^no^^curve^152^0.883721^^^^^^0.841894^0.927625^0.95^191^1
    linkage-km^^survival^no^^curve^171^0.87907^^^^^^0.83655^0.92375^0.95^190^1
    linkage-km^^survival^no^^curve^190^0.874419^^^^^^0.831227^0.919854^0.95^189^1
    linkage-km^^survival^no^^curve^193^0.869767^^^^^^0.825924^0.915939^0.95^188^1
    linkage-km^^survival^no^^curve^195^0.865116^^^^^^0.820639^0.912004^0.95^187^1
    linkage-km^^survival^no^^curve^207^0.860465^^^^^^0.815373^0.908051^0.95^186^1
    linkage-km^^survival^no^^curve^217^0.855814^^^^^^0.810124^0.904081^0.95^185^1
    linkage-km^^survival^no^^curve^218^0.851163^^^^^^0.804892^0.900094^0.95^184^1
    linkage-km^^survival^no^^curve^264^0.846512^^^^^^0.799675^0.896091^0.95^183^1
    linkage-km^^censored^no^^curve^279^1
    linkage-km^^censored^no^^curve^286^1
    linkage-km^^censored^no^^curve^289^1
    linkage-km^^censored^no^^curve^293^2
    linkage-km^^survival^no^^curve^294^0.841729^^^^^^0.794305^0.891985^0.95^177^1
    linkage-km^^censored^no^^curve^296^1
    linkage-km^^censored^no^^curve^300^1
    linkage-km^^censored^no^^curve^302^1
    linkage-km^^censored^no^^curve^303^1
    linkage-km^^censored^no^^curve^306^1
    linkage-km^^censored^no^^curve^307^1
    linkage-km^^censored^no^^curve^308^1
    linkage-km^^censored^no^^curve^318^1
    linkage-km^^censored^no^^curve^322^1
    linkage-km^^censored^no^^curve^324^1
    linkage-km^^censored^no^^curve^326^1
    linkage-km^^censored^no^^curve^329^1
    linkage-km^^censored^no^^curve^330^1
    linkage-km^^survival^no^^curve^331^0.836565^^^^^^0.788452^0.887614^0.95^163^1
    linkage-km^^censored^no^^curve^331^1
    linkage-km^^censored^no^^curve^334^1
    linkage-km^^censored^no^^curve^335^1
    linkage-km^^censored^no^^curve^336^1
    linkage-km^^censored^no^^curve^337^1
    linkage-km^^censored^no^^curve^338^2
    linkage-km^^censored^no^^curve^343^1
    linkage-km^^censored^no^^curve^345^2
    linkage-km^^censored^no^^curve^348^1
    linkage-km^^censored^no^^curve^349^2
    linkage-km^^censored^no^^curve^350^2
    linkage-km^^survival^no^^curve^352^0.830874^^^^^^0.781921^0.882892^0.95^147^1
    linkage-km^^censored^no^^curve^353^1
    linkage-km^^censored^no^^curve^356^1
    linkage-km^^censored^no^^curve^357^1
    linkage-km^^censored^no^^curve^358^2
    linkage-km^^censored^no^^curve^361^1
    linkage-km^^censored^no^^curve^362^1
    linkage-km^^censored^no^^curve^363^1
    linkage-km^^censored^no^^curve^364^2
    linkage-km^^censored^no^^curve^365^104
    linkage-km^^censored^no^^curve^367^1
    linkage-km^^censored^no^^curve^369^1
    linkage-km^^censored^no^^curve^370^2
    linkage-km^^censored^no^^curve^376^1
    linkage-km^^censored^no^^curve^377^1
    linkage-km^^censored^no^^curve^379^1
    linkage-km^^censored^no^^curve^380^1
    linkage-km^^censored^no^^curve^386^1
    linkage-km^^censored^no^^curve^387^1
    linkage-km^^censored^no^^curve^393^2
    linkage-km^^censored^no^^curve^398^1
    linkage-km^^censored^no^^curve^399^1
    linkage-km^^censored^no^^curve^405^2
    linkage-km^^censored^no^^curve^407^1
    linkage-km^^censored^no^^curve^410^1
    linkage-km^^censored^no^^curve^412^1
    linkage-km^^censored^no^^curve^414^1
    linkage-km^^censored^no^^curve^425^1
    linkage-km^^censored^no^^curve^427^2
    linkage-km^^censored^no^^curve^428^1
    linkage-km^^censored^no^^curve^431^1
    linkage-km^^censored^no^^curve^434^1
    linkage-km^^censored^no^^curve^439^1
    linkage-km^^censored^no^^curve^441^1
    linkage-km^^censored^no^^curve^449^2
    linkage-km^^censored^no^^curve^452^1
    linkage-km^^censored^no^^curve^456^1
    linkage-km^^n-at-risk^no^^table^0^215
    linkage-km^^n-at-risk^no^^table^90^196
    linkage-km^^n-at-risk^no^^table^180^189
    linkage-km^^n-at-risk^no^^table^270^182
    linkage-km^^n-at-risk^no^^table^360^141
    linkage-km^^n-at-risk^no^^table^450^2
    linkage-km^^survival^no^^horizon^180^0.8790697674^^^^^^0.8365503959^0.9237502723^0.95
    linkage-km^^survival^no^^horizon^360^0.8308741753^^^^^^0.7819212495^0.8828918457^0.95
    linkage-km^^median-time^no^^^^^^^^^^^^0.95
    linkage-km^^events^no^^^^36^^^^^^^^^215
    linkage-km^^survival^yes^^curve^0^1^^^^^^1^1^0.95^232^0^Kaplan-Meier^^conf-type=log;variance=greenwood
    linkage-km^^survival^yes^^curve^2^0.99569^^^^^^0.987295^1^0.95^232^1
    linkage-km^^survival^yes^^curve^4^0.991379^^^^^^0.979555^1^0.95^231^1
    linkage-km^^survival^yes^^curve^6^0.982759^^^^^^0.966151^0.999652^0.95^230^2
    linkage-km^^survival^yes^^curve^7^0.969828^^^^^^0.948064^0.992091^0.95^228^3
    linkage-km^^survival^yes^^curve^8^0.961207^^^^^^0.936677^0.986379^0.95^225^2
    linkage-km^^survival^yes^^curve^9^0.956897^^^^^^0.931117^0.98339^0.95^223^1
    linkage-km^^survival^yes^^curve^10^0.952586^^^^^^0.925628^0.980329^0.95^222^1
    linkage-km^^survival^yes^^curve^11^0.948276^^^^^^0.920202^0.977207^0.95^221^1
    linkage-km^^survival^yes^^curve^12^0.939655^^^^^^0.909508^0.970802^0.95^220^2
    linkage-km^^survival^yes^^curve^14^0.922414^^^^^^0.888624^0.957488^0.95^218^4
    linkage-km^^survival^yes^^curve^15^0.918103^^^^^^0.883488^0.954075^0.95^214^1
    linkage-km^^survival^yes^^curve^16^0.909483^^^^^^0.873302^0.947163^0.95^213^2
    linkage-km^^survival^yes^^curve^17^0.892241^^^^^^0.853221^0.933047^0.95^211^4
    linkage-km^^survival^yes^^curve^18^0.87931^^^^^^0.838375^0.922245^0.95^207^3
    linkage-km^^survival^yes^^curve^19^0.875^^^^^^0.833462^0.918608^0.95^204^1
    linkage-km^^survival^yes^^curve^20^0.87069^^^^^^0.828566^0.914955^0.95^203^1
    linkage-km^^survival^yes^^curve^21^0.862069^^^^^^0.81882^0.907602^0.95^202^2
    linkage-km^^survival^yes^^curve^22^0.849138^^^^^^0.804309^0.896465^0.95^200^3
    linkage-km^^survival^yes^^curve^24^0.844828^^^^^^0.799499^0.892726^0.95^197^1
    linkage-km^^survival^yes^^curve^26^0.836207^^^^^^0.789915^0.885211^0.95^196^2
    linkage-km^^survival^yes^^curve^27^0.831897^^^^^^0.785142^0.881436^0.95^194^1
    linkage-km^^survival^yes^^curve^28^0.823276^^^^^^0.775628^0.873851^0.95^193^2
    linkage-km^^survival^yes^^curve^29^0.814655^^^^^^0.766157^0.866223^0.95^191^2
    linkage-km^^survival^yes^^curve^30^0.793103^^^^^^0.742654^0.846979^0.95^189^5
    linkage-km^^survival^yes^^curve^31^0.784483^^^^^^0.733318^0.839218^0.95^184^2
    linkage-km^^survival^yes^^curve^32^0.771552^^^^^^0.719376^0.827511^0.95^182^3
    linkage-km^^survival^yes^^curve^33^0.762931^^^^^^0.710123^0.819666^0.95^179^2
    linkage-km^^survival^yes^^curve^34^0.75431^^^^^^0.7009^0.81179^0.95^177^2
    linkage-km^^survival^yes^^curve^35^0.732759^^^^^^0.677972^0.791972^0.95^175^5
    linkage-km^^survival^yes^^curve^36^0.728448^^^^^^0.673408^0.787987^0.95^170^1
    linkage-km^^survival^yes^^curve^37^0.715517^^^^^^0.659755^0.775993^0.95^169^3
    linkage-km^^survival^yes^^curve^38^0.702586^^^^^^0.64616^0.76394^0.95^166^3
    linkage-km^^survival^yes^^curve^40^0.693966^^^^^^0.637128^0.755873^0.95^163^2
    linkage-km^^survival^yes^^curve^41^0.672414^^^^^^0.614654^0.735602^0.95^161^5
    linkage-km^^survival^yes^^curve^42^0.663793^^^^^^0.605705^0.727452^0.95^156^2
    linkage-km^^survival^yes^^curve^44^0.646552^^^^^^0.587874^0.711086^0.95^154^4
    linkage-km^^survival^yes^^curve^45^0.642241^^^^^^0.58343^0.706981^0.95^150^1
    linkage-km^^survival^yes^^curve^48^0.633621^^^^^^0.574558^0.698754^0.95^149^2
    linkage-km^^survival^yes^^curve^49^0.62931^^^^^^0.570131^0.694633^0.95^147^1
    linkage-km^^survival^yes^^curve^52^0.625^^^^^^0.565708^0.690506^0.95^146^1
    linkage-km^^survival^yes^^curve^56^0.62069^^^^^^0.561291^0.686374^0.95^145^1
    linkage-km^^survival^yes^^curve^58^0.616379^^^^^^0.556879^0.682237^0.95^144^1
    linkage-km^^survival^yes^^curve^60^0.612069^^^^^^0.552472^0.678095^0.95^143^1
    linkage-km^^survival^yes^^curve^63^0.599138^^^^^^0.539282^0.665638^0.95^142^3
    linkage-km^^survival^yes^^curve^68^0.594828^^^^^^0.534895^0.661475^0.95^139^1
    linkage-km^^survival^yes^^curve^70^0.590517^^^^^^0.530514^0.657308^0.95^138^1
    linkage-km^^survival^yes^^curve^74^0.586207^^^^^^0.526137^0.653135^0.95^137^1
    linkage-km^^survival^yes^^curve^76^0.581897^^^^^^0.521765^0.648957^0.95^136^1
    linkage-km^^survival^yes^^curve^77^0.573276^^^^^^0.513037^0.640587^0.95^135^2
    linkage-km^^survival^yes^^curve^79^0.564655^^^^^^0.504329^0.632198^0.95^133^2
    linkage-km^^survival^yes^^curve^80^0.560345^^^^^^0.499982^0.627996^0.95^131^1
    linkage-km^^survival^yes^^curve^83^0.556034^^^^^^0.495639^0.623789^0.95^130^1
    linkage-km^^survival^yes^^curve^85^0.551724^^^^^^0.491302^0.619577^0.95^129^1
    linkage-km^^survival^yes^^curve^87^0.547414^^^^^^0.48697^0.61536^0.95^128^1
    linkage-km^^survival^yes^^curve^90^0.543103^^^^^^0.482642^0.611139^0.95^127^1
    linkage-km^^survival^yes^^curve^98^0.534483^^^^^^0.474001^0.602682^0.95^126^2
    linkage-km^^survival^yes^^curve^104^0.530172^^^^^^0.469688^0.598446^0.95^124^1
    linkage-km^^survival^yes^^curve^106^0.525862^^^^^^0.46538^0.594205^0.95^123^1
    linkage-km^^survival^yes^^curve^112^0.521552^^^^^^0.461076^0.58996^0.95^122^1
    linkage-km^^survival^yes^^curve^115^0.512931^^^^^^0.452483^0.581455^0.95^121^2
    linkage-km^^survival^yes^^curve^118^0.508621^^^^^^0.448193^0.577195^0.95^119^1
    linkage-km^^survival^yes^^curve^123^0.50431^^^^^^0.443908^0.572931^0.95^118^1
    linkage-km^^survival^yes^^curve^126^0.5^^^^^^0.439629^0.568662^0.95^117^1
    linkage-km^^survival^yes^^curve^133^0.49569^^^^^^0.435353^0.564388^0.95^116^1
    linkage-km^^survival^yes^^curve^136^0.491379^^^^^^0.431083^0.56011^0.95^115^1
    linkage-km^^survival^yes^^curve^143^0.487069^^^^^^0.426817^0.555826^0.95^114^1
    linkage-km^^survival^yes^^curve^166^0.482759^^^^^^0.422556^0.551538^0.95^113^1
    linkage-km^^survival^yes^^curve^169^0.474138^^^^^^0.414049^0.542948^0.95^112^2
    linkage-km^^survival^yes^^curve^183^0.469828^^^^^^0.409802^0.538646^0.95^110^1
    linkage-km^^survival^yes^^curve^203^0.465517^^^^^^0.40556^0.534339^0.95^109^1
    linkage-km^^survival^yes^^curve^225^0.461207^^^^^^0.401323^0.530027^0.95^108^1
    linkage-km^^survival^yes^^curve^236^0.456897^^^^^^0.39709^0.52571^0.95^107^1
    linkage-km^^survival^yes^^curve^247^0.452586^^^^^^0.392863^0.521389^0.95^106^1
    linkage-km^^survival^yes^^curve^265^0.448276^^^^^^0.38864^0.517063^0.95^105^1
    linkage-km^^survival^yes^^curve^272^0.439655^^^^^^0.380209^0.508396^0.95^104^2
    linkage-km^^censored^yes^^curve^285^1
    linkage-km^^censored^yes^^curve^292^1
    linkage-km^^censored^yes^^curve^303^1
    linkage-km^^censored^yes^^curve^309^1
    linkage-km^^censored^yes^^curve^321^1
    linkage-km^^censored^yes^^curve^325^1
    linkage-km^^censored^yes^^curve^340^1
    linkage-km^^censored^yes^^curve^348^1
    linkage-km^^censored^yes^^curve^349^2
    linkage-km^^censored^yes^^curve^354^1
    linkage-km^^censored^yes^^curve^356^1
    linkage-km^^censored^yes^^curve^358^1
    linkage-km^^censored^yes^^curve^359^2
    linkage-km^^censored^yes^^curve^361^2
    linkage-km^^censored^yes^^curve^364^1
    linkage-km^^censored^yes^^curve^365^62
    linkage-km^^censored^yes^^curve^368^2
    linkage-km^^censored^yes^^curve^373^1
    linkage-km^^censored^yes^^curve^374^1
    linkage-km^^censored^yes^^curve^382^1
    linkage-km^^censored^yes^^curve^391^1
    linkage-km^^censored^yes^^curve^393^1
    linkage-km^^censored^yes^^curve^399^1
    linkage-km^^censored^yes^^curve^400^1
    linkage-km^^censored^yes^^curve^406^1
    linkage-km^^censored^yes^^curve^413^2
    linkage-km^^censored^yes^^curve^414^2
    linkage-km^^censored^yes^^curve^418^1
    linkage-km^^censored^yes^^curve^424^1
    linkage-km^^censored^yes^^curve^428^1
    linkage-km^^censored^yes^^curve^440^1
    linkage-km^^survival^yes^^curve^442^0.329741^^^^^^0.183858^0.591377^0.95^4^1
    linkage-km^^censored^yes^^curve^443^2
    linkage-km^^censored^yes^^curve^449^1
    linkage-km^^n-at-risk^yes^^table^0^232
    linkage-km^^n-at-risk^yes^^table^90^127
    linkage-km^^n-at-risk^yes^^table^180^110
    linkage-km^^n-at-risk^yes^^table^270^104
    linkage-km^^n-at-risk^yes^^table^360^87
    linkage-km^^n-at-risk^yes^^table^450^0
    linkage-km^^survival^yes^^horizon^180^0.474137931^^^^^^0.4140485257^0.5429479002^0.95
    linkage-km^^survival^yes^^horizon^360^0.4396551724^^^^^^0.3802088867^0.5083959829^0.95
    linkage-km^^median-time^yes^^^^129.5^^^^^^80^^0.95
    linkage-km^^events^yes^^^^131^^^^^^^^^232
    linkage-logrank^^events^no^^observed^^36^^^^^^^^^215
    linkage-logrank^^events^no^^expected^^94.15840088^^^^^^^^^215
    linkage-logrank^^events^yes^^observed^^131^^^^^^^^^232
    linkage-logrank^^events^yes^^expected^^72.84159912^^^^^^^^^232
    linkage-logrank^^test^^^^^^^1^^83.45538265^6.517038315e-20^^^^447^^log-rank
    linkage-cox^crude^hazard-ratio^^yes / no^armyes^^4.783327771^0.1887996548^^^8.289933009^1.133122692e-16^3.303874818^6.92526982^0.95^447^167^Cox regression^Surv(dayslink, ev) ~ treat^ties=efron;limits=wald
    linkage-cox^crude^test^^^likelihood-ratio^^^^1^^85.7007391^2.093346519e-20^^^^^^^^ties=efron
    linkage-cox^crude^test^^^score^^^^1^^83.54784488^6.219240473e-20^^^^^^^^ties=efron
    linkage-cox^crude^test^^^proportional-hazards^^^^1^^10.4436586^0.001230712519^^^^^^^^ties=efron;time transform=km
    linkage-cox^adjusted^hazard-ratio^^yes / no^armyes^^5.398831222^0.1944434716^^^8.67183905^4.251963956e-18^3.687985184^7.903333962^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^age^^1.019746316^0.01091358718^^^1.791701094^0.07318085917^0.9981653333^1.041793893^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^female^^0.7522995211^0.2024807664^^^-1.405668005^0.159822732^0.5058699064^1.118774931^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^homelesshoused^^0.9025857798^0.1618935205^^^-0.6330799783^0.5266814163^0.6571802034^1.239631209^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^substancecocaine^^0.9907644644^0.1881625134^^^-0.04931081854^0.9606715981^0.6851824012^1.432631986^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^substanceheroin^^0.6059488743^0.2187763906^^^-2.289825063^0.02203145965^0.3946509765^0.9303766115^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^substancemissing^^4.723399822e-07^1876.564595^^^-0.007761825437^0.9938070215^0^^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^pcs^^0.998145132^0.007517677911^^^-0.2469632832^0.8049366398^0.9835459038^1.012961063^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^hazard-ratio^^^mcs^^1.001882162^0.006148067958^^^0.3058511053^0.7597180153^0.9898819371^1.014027865^0.95^445^165^Cox regression^Surv(dayslink, ev) ~ treat + age + female + homeless + substance + pcs + mcs^ties=efron;limits=wald
    linkage-cox^adjusted^test^^^likelihood-ratio^^^^9^^103.7371566^2.754243512e-18^^^^^^^^ties=efron
    linkage-cox^adjusted^test^^^score^^^^9^^100.2822946^1.379650261e-17^^^^^^^^ties=efron
    linkage-cox^adjusted^test^^^proportional-hazards^^^^9^^17.76852122^0.03795608155^^^^^^^^ties=efron;time transform=km
    cesd-lmm^^coefficient^^^(Intercept)^^33.09787234^0.8942489692^913.887367^^37.01192115^6.001975197e-184^31.34285225^34.85289243^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^armyes^^-0.4765957447^1.26465902^913.8873665^^-0.3768571109^0.7063672807^-2.958568961^2.005377471^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^visit6^^-10.0703617^1.149127191^1100.454387^^-8.763487435^7.045254647e-18^-12.32508949^-7.815633918^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^visit12^^-8.865324873^1.209821901^1104.902994^^-7.327793347^4.506691888e-13^-11.23913256^-6.491517185^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^visit18^^-10.30479124^1.128983467^1099.87706^^-9.127495258^3.26515862e-19^-12.51999586^-8.089586621^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^visit24^^-10.82653428^1.125440276^1099.280952^^-9.619821247^4.343265453e-21^-13.03478804^-8.618280514^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^armyes:visit6^^1.105765505^1.585759272^1091.741378^^0.6973098151^0.4857573885^-2.005715049^4.217246058^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^armyes:visit12^^-0.6611785249^1.690049265^1098.000446^^-0.391218492^0.695711643^-3.977269591^2.654912541^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^armyes:visit18^^-0.2145542675^1.587035734^1093.324493^^-0.1351918315^0.8924850898^-3.328534413^2.899425878^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^coefficient^^^armyes:visit24^^-1.887332898^1.547949707^1089.903383^^-1.21924691^0.2230142909^-4.924631504^1.149965709^0.95^1463^^linear mixed model^CES_D ~ arm * visit + (1 | ID)^estimation=reml;df=satterthwaite
    cesd-lmm^^variance^^^ID:(Intercept)^^93.70397301
    cesd-lmm^^variance^^^Residual^^94.22111346
    cesd-lmm^^criterion^^^^^11406.93786^^^^^^^^^^^^^estimation=reml
    cesd-lmm^^marginal-mean^no^^visit^0^33.09787234^0.8942489692^913.887367^^^^31.34285225^34.85289243^0.95
    cesd-lmm^^marginal-mean^yes^^visit^0^32.6212766^0.8942489692^913.8873659^^^^30.8662565^34.37629669^0.95
    cesd-lmm^^marginal-mean^no^^visit^6^23.02751064^1.148169284^1329.24943^^^^20.77508925^25.27993202^0.95
    cesd-lmm^^marginal-mean^yes^^visit^6^23.6566804^1.091759391^1271.357078^^^^21.51483225^25.79852854^0.95
    cesd-lmm^^marginal-mean^no^^visit^12^24.23254747^1.208912087^1383.281645^^^^21.8610483^26.60404664^0.95
    cesd-lmm^^marginal-mean^yes^^visit^12^23.0947732^1.179150919^1367.76276^^^^20.78163294^25.40791345^0.95
    cesd-lmm^^marginal-mean^no^^visit^18^22.7930811^1.128008453^1305.662371^^^^20.5801738^25.0059884^0.95
    cesd-lmm^^marginal-mean^yes^^visit^18^22.10193109^1.11439587^1299.23163^^^^19.91571868^24.2881435^0.95
    cesd-lmm^^marginal-mean^no^^visit^24^22.27133806^1.12446219^1301.649038^^^^20.06538145^24.47729468^0.95
    cesd-lmm^^marginal-mean^yes^^visit^24^19.90740942^1.061758863^1225.984589^^^^17.8243438^21.99047505^0.95
    cesd-lmm^^mean-difference^^yes - no^visit^0^-0.4765957447^1.26465902^913.8873665^^-0.3768571109^0.7063672807^-2.958568961^2.005377471^0.95
    cesd-lmm^^mean-difference^^yes - no^visit^6^0.6291697599^1.584370939^1302.661254^^0.3971101365^0.6913512978^-2.479028148^3.737367667^0.95
    cesd-lmm^^mean-difference^^yes - no^visit^12^-1.13777427^1.688746672^1375.877461^^-0.6737388671^0.5005905106^-4.450571162^2.175022623^0.95
    cesd-lmm^^mean-difference^^yes - no^visit^18^-0.6911500122^1.585648519^1302.497253^^-0.435878446^0.6629971525^-3.801854623^2.419554598^0.95
    cesd-lmm^^mean-difference^^yes - no^visit^24^-2.363928643^1.546527433^1267.047162^^-1.528539742^0.1266281779^-5.39796497^0.6701076853^0.95
    cesd-lmm^^mean^no^^visit^0^33.09787234^^^^^^^^^235
    cesd-lmm^^mean^yes^^visit^0^32.6212766^^^^^^^^^235
    cesd-lmm^^mean^no^^visit^6^22.57983193^^^^^^^^^119
    cesd-lmm^^mean^yes^^visit^6^23.00740741^^^^^^^^^135
    cesd-lmm^^mean^no^^visit^12^24.18269231^^^^^^^^^104
    cesd-lmm^^mean^yes^^visit^12^23.2^^^^^^^^^110
    cesd-lmm^^mean^no^^visit^18^22.584^^^^^^^^^125
    cesd-lmm^^mean^yes^^visit^18^21.59375^^^^^^^^^128
    cesd-lmm^^mean^no^^visit^24^21.45238095^^^^^^^^^126
    cesd-lmm^^mean^yes^^visit^24^19.43835616^^^^^^^^^146
    cesd-lmm^^test^^^interaction^^^^4^1082.604193^0.752711942^0.5562462006
    drinks^^mean^no^^^^19.28510638^^^^^^^^^235
    drinks^^sd^no^^^^20.52785244^^^^^^^^^235
    drinks^^median^no^^^^13^^^^^^^^^235
    drinks^^q1^no^^^^3^^^^^^^^^235
    drinks^^q3^no^^^^26^^^^^^^^^235
    drinks^^share^no^^zero^^0.1234042553^^^^^^^^^235
    drinks^^count^no^^bin-zero^^29
    drinks^^count^no^^bin^0^100
    drinks^^count^no^^bin^15^54
    drinks^^count^no^^bin^30^24
    drinks^^count^no^^bin^45^17
    drinks^^count^no^^bin^60^7
    drinks^^count^no^^bin^75^2
    drinks^^count^no^^bin^90^1
    drinks^^count^no^^bin^105^0
    drinks^^count^no^^bin^120^0
    drinks^^count^no^^bin^135^1
    drinks^^mean^yes^^^^17.23404255^^^^^^^^^235
    drinks^^sd^yes^^^^19.71226002^^^^^^^^^235
    drinks^^median^yes^^^^12^^^^^^^^^235
    drinks^^q1^yes^^^^3^^^^^^^^^235
    drinks^^q3^yes^^^^26^^^^^^^^^235
    drinks^^share^yes^^zero^^0.170212766^^^^^^^^^235
    drinks^^count^yes^^bin-zero^^40
    drinks^^count^yes^^bin^0^97
    drinks^^count^yes^^bin^15^54
    drinks^^count^yes^^bin^30^24
    drinks^^count^yes^^bin^45^12
    drinks^^count^yes^^bin^60^5
    drinks^^count^yes^^bin^75^0
    drinks^^count^yes^^bin^90^2
    drinks^^count^yes^^bin^105^0
    drinks^^count^yes^^bin^120^1
    drinks^^count^yes^^bin^135^0
    drinks^crude^mean-difference^^yes - no^^^-2.05106383^^467.2328776^^-1.104789998^0.2698191891^-5.699224688^1.597097028^0.95^^^Welch t
    drinks^^test^^yes - no^^^^^^^29524^0.1932718704^^^^^^Wilcoxon rank-sum
    """
}
