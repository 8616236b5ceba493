/** The papers that the comments of factories name: authors, title, year. Written by `npm run tables`. */
export const papers: Readonly<Record<string, readonly string[]>> = {
  acprop: ['Zhuang et al., Momentum Centering and Asynchronous Update for Adaptive Gradient Methods, 2021'],
  adabelief: [
    'Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, 2020',
  ],
  adadelta: ['Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012'],
  adafactor: ['Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018'],
  adagrad: [
    'Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, 2011',
  ],
  adam: ['Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015'],
  adamMini: ['Zhang et al., Adam-mini: Use Fewer Learning Rates To Gain More, 2024'],
  adamax: ['Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015'],
  adamaxw: ['Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019'],
  adamuon: ['Si et al., AdaMuon: Adaptive Muon Optimizer, 2025'],
  adamw: ['Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019'],
  adan: ['Xie et al., Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, 2023'],
  adaptiveGradClip: [
    'Brock et al., High-Performance Large-Scale Image Recognition Without Normalization, 2021',
  ],
  addDecayedWeights: [
    'Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019',
    'Chen et al., Cautious Weight Decay, 2025',
  ],
  addNoise: ['Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015'],
  ademamix: ['Pagliardini et al., The AdEMAMix Optimizer: Better, Faster, Older, 2024'],
  adopt: ['Taniguchi et al., ADOPT: Modified Adam Can Converge with Any β2 with the Optimal Rate, 2024'],
  amsgrad: ['Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, 2018'],
  came: ['Luo et al., CAME: Confidence-guided Adaptive Memory Efficient Optimization, 2023'],
  centralize: ['Yong et al., Gradient Centralization, 2020'],
  clipByBlockRms: ['Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018'],
  clipByGlobalNorm: [
    'Pascanu, Mikolov and Bengio, On the difficulty of training Recurrent Neural Networks, 2012',
  ],
  cocob: ['Orabona and Tommasi, Training Deep Networks without Learning Rates Through Coin Betting, 2017'],
  cosineDecaySchedule: ['Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017'],
  cosineOnecycleSchedule: [
    'Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2017',
  ],
  dadaptAdamw: ['Defazio and Mishchenko, Learning-Rate-Free Learning by D-Adaptation, 2023'],
  differentiallyPrivateAggregate: ['Abadi et al., Deep Learning with Differential Privacy, 2016'],
  dog: [
    "Ivgi, Hinder and Carmon, DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule, 2023",
  ],
  dowg: [
    'Khaled, Mishchenko and Jin, DoWG Unleashed: An Efficient Universal Parameter-Free Gradient Descent Method, 2023',
  ],
  dpsgd: ['Abadi et al., Deep Learning with Differential Privacy, 2016'],
  fromage: [
    'Bernstein et al., On the distance between two neural networks and the stability of learning, 2020',
  ],
  galore: ['Zhao et al., GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection, 2024'],
  hutchinsonEstimatorDiagHessian: [
    'Hutchinson, A Stochastic Estimator of the Trace of the Influence Matrix for Laplacian Smoothing Splines, 1990',
  ],
  lamb: ['You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, 2020'],
  lars: ['You, Gitman and Ginsburg, Large Batch Training of Convolutional Networks, 2017'],
  lbfgs: ['Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989'],
  linearOnecycleSchedule: [
    'Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2017',
  ],
  lion: ['Chen et al., Symbolic Discovery of Optimization Algorithms, 2023'],
  lookahead: ['Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, 2019'],
  madgrad: [
    'Defazio and Jelassi, Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for Stochastic Optimization, 2021',
  ],
  mechanize: ['Cutkosky, Defazio and Mehta, Mechanic: A Learning Rate Tuner, 2023'],
  momo: ['Schaipp et al., MoMo: Momentum Models for Adaptive Learning Rates, 2023'],
  momoAdam: ['Schaipp et al., MoMo: Momentum Models for Adaptive Learning Rates, 2023'],
  muon: ['Jordan, Muon, 2024', 'Liu et al., Muon is Scalable for LLM Training, 2025'],
  nadam: ['Dozat, Incorporating Nesterov Momentum into Adam, 2016'],
  nadamw: ['Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019'],
  noisySgd: ['Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015'],
  normuon: ['Li et al., NorMuon: Making Muon more efficient and scalable, 2025'],
  novograd: [
    'Ginsburg et al., Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks, 2019',
  ],
  optimisticAdam: ['Daskalakis et al., Training GANs with Optimism, 2018'],
  optimisticAdamV2: ['Daskalakis et al., Training GANs with Optimism, 2018'],
  optimisticGradientDescent: [
    'Mokhtari et al., A Unified Analysis of Extra-gradient and Optimistic Gradient Methods for Saddle Point Problems, 2019',
  ],
  perExampleGlobalNormClip: ['Abadi et al., Deep Learning with Differential Privacy, 2016'],
  perExampleLayerNormClip: [
    'McMahan et al., Learning Differentially Private Recurrent Language Models, 2018',
  ],
  polyakSgd: [
    'Loizou et al., Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence, 2021',
  ],
  prodigy: ['Mishchenko and Defazio, Prodigy: An Expeditiously Adaptive Parameter-Free Learner, 2023'],
  radam: ['Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020'],
  rmsprop: [
    'Tieleman and Hinton, Lecture 6.5 (RMSProp), 2012',
    'Graves, Generating Sequences With Recurrent Neural Networks, 2013',
  ],
  rprop: ['Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993'],
  sam: ['Foret et al., Sharpness-Aware Minimization for Efficiently Improving Generalization, 2021'],
  scaleByAcprop: [
    'Zhuang et al., Momentum Centering and Asynchronous Update for Adaptive Gradient Methods, 2021',
  ],
  scaleByAdadelta: ['Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012'],
  scaleByAdam: [
    'Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015',
    'Dozat, Incorporating Nesterov Momentum into Adam, 2016',
  ],
  scaleByAdamMini: ['Zhang et al., Adam-mini: Use Fewer Learning Rates To Gain More, 2024'],
  scaleByAdamax: ['Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015'],
  scaleByAdan: [
    'Xie et al., Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, 2023',
  ],
  scaleByAdemamix: ['Pagliardini et al., The AdEMAMix Optimizer: Better, Faster, Older, 2024'],
  scaleByAdopt: [
    'Taniguchi et al., ADOPT: Modified Adam Can Converge with Any β2 with the Optimal Rate, 2024',
  ],
  scaleByAmsgrad: ['Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, 2018'],
  scaleByBacktrackingLinesearch: [
    'Nocedal and Wright, Numerical Optimization, 1999',
    'Vaswani et al., Painless Stochastic Gradient, 2019',
  ],
  scaleByBelief: [
    'Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, 2020',
  ],
  scaleByCame: ['Luo et al., CAME: Confidence-guided Adaptive Memory Efficient Optimization, 2023'],
  scaleByCocob: [
    'Orabona and Tommasi, Training Deep Networks without Learning Rates Through Coin Betting, 2017',
  ],
  scaleByDistanceOverGradients: [
    "Ivgi, Hinder and Carmon, DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule, 2023",
  ],
  scaleByFactoredRms: [
    'Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018',
  ],
  scaleByGalore: ['Zhao et al., GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection, 2024'],
  scaleByLbfgs: [
    'Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989',
    'Nocedal and Wright, Numerical Optimization, 1999',
  ],
  scaleByLeaf: ['Yang et al., Tensor Programs V, 2022', 'Clark et al., ELECTRA, 2020'],
  scaleByLion: ['Chen et al., Symbolic Discovery of Optimization Algorithms, 2023'],
  scaleByMadgrad: [
    'Defazio and Jelassi, Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for Stochastic Optimization, 2021',
  ],
  scaleByMatrixRms: [
    'Li et al., NorMuon: Making Muon more efficient and scalable, 2025',
    'Si et al., AdaMuon: Adaptive Muon Optimizer, 2025',
  ],
  scaleByMuon: [
    'Jordan, Muon, 2024',
    'Bernstein and Newhouse, Old Optimizer, New Norm, 2024',
    'Grishina et al., Accelerating Newton–Schulz Iteration, 2025',
    'Boissin et al., Turbo-Muon, 2025',
    'Chang et al., MuonEq, 2026',
  ],
  scaleByNovograd: [
    'Ginsburg et al., Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks, 2019',
  ],
  scaleByOptimisticGradient: [
    'Mokhtari et al., A Unified Analysis of Extra-gradient and Optimistic Gradient Methods for Saddle Point Problems, 2019',
  ],
  scaleByParamBlockRms: [
    'Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018',
  ],
  scaleByPolyak: [
    'Loizou et al., Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence, 2021',
    'Garrigos, Gower and Schaipp, Function Value Learning: Adaptive Learning Rates Based on the Polyak Stepsize and Function Splitting in ERM, 2023',
  ],
  scaleByRadam: ['Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020'],
  scaleByRms: ['Tieleman and Hinton, Lecture 6.5 (RMSProp), 2012'],
  scaleByRprop: [
    'Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993',
    'Igel and Hüsken, Improving the Rprop Learning Algorithm, 2000',
  ],
  scaleByRss: [
    'Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, 2011',
  ],
  scaleBySign: ['Bernstein et al., signSGD: Compressed Optimisation for Non-Convex Problems, 2018'],
  scaleBySimplifiedAdemamix: [
    'Morwani et al., Connections between Schedule-Free Optimizers, AdEMAMix, and Accelerated SGD Variants, 2025',
  ],
  scaleBySm3: ['Anil et al., Memory-Efficient Adaptive Optimization, 2019'],
  scaleByStddev: ['Graves, Generating Sequences With Recurrent Neural Networks, 2013'],
  scaleByTrustRatio: ['You, Gitman and Ginsburg, Large Batch Training of Convolutional Networks, 2017'],
  scaleByYogi: ['Zaheer et al., Adaptive Methods for Nonconvex Optimization, 2018'],
  scaleByZoomLinesearch: [
    'Nocedal and Wright, Numerical Optimization, 1999',
    'Hager and Zhang, Algorithm 851: CG_DESCENT, 2006',
  ],
  scheduleFree: ['Defazio et al., The Road Less Scheduled, 2024'],
  scheduleFreeAdamw: ['Defazio et al., The Road Less Scheduled, 2024'],
  scheduleFreeSgd: ['Defazio et al., The Road Less Scheduled, 2024'],
  sgd: ['Sutskever et al., On the importance of initialization and momentum in deep learning, 2013'],
  sgdrSchedule: ['Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017'],
  signSgd: ['Bernstein et al., signSGD: Compressed Optimisation for Non-Convex Problems, 2018'],
  signum: ['Bernstein et al., signSGD: Compressed Optimisation for Non-Convex Problems, 2018'],
  simplifiedAdemamix: [
    'Morwani et al., Connections between Schedule-Free Optimizers, AdEMAMix, and Accelerated SGD Variants, 2025',
  ],
  sm3: ['Anil et al., Memory-Efficient Adaptive Optimization, 2019'],
  sophia: [
    'Liu et al., Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training, 2024',
  ],
  trace: ['Sutskever et al., On the importance of initialization and momentum in deep learning, 2013'],
  yogi: ['Zaheer et al., Adaptive Methods for Nonconvex Optimization, 2018'],
}
