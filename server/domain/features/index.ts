export { Atr } from './atr';
export { Bollinger } from './bollinger';
export { Donchian } from './donchian';
export { Ema } from './ema';
export { Macd } from './macd';
export { Rsi } from './rsi';
export { Sma } from './sma';
